// `chanspect channels`: every channel that somebody waits on.

#include "analysis/channels.h"

#include <fmt/format.h>

#include <span>

#include "report/channel_cells.h"
#include "report/json_parts.h"
#include "report/reports.h"
#include "report/surroundings.h"
#include "report/tsv.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using analysis::ChannelRow;
using snapshot::Channel;
using snapshot::kNone;
using snapshot::Snapshot;

constexpr std::size_t kScreen = 30;

void print_tsv(const Snapshot& snapshot, std::span<const ChannelRow> rows, Output& out) {
  Tsv tsv({"channel_addr", "elem_type", "length", "capacity", "closed", "senders", "receivers",
           "selects", "longest_wait_seconds", "function", "file", "line", "at_site", "sites",
           "oldest_goroutine", "timer", "settled", "waiters_before"},
          out);
  for (const ChannelRow& row : rows) {
    const Channel& channel = snapshot.channels[row.channel];
    tsv.address(channel.address).text(snapshot.strings[channel.elem_type]);
    tsv.number(channel.length).number(channel.capacity).flag(channel.closed);
    tsv.number(row.senders).number(row.receivers).number(row.selects);
    tsv.seconds(row.longest_wait_ns).place(snapshot, row.site);
    tsv.number(row.at_site).number(row.sites).number(row.oldest_goroutine);
    tsv.flag(channel.timer).flag(channel.settled);
    if (channel.waiters_before == kNone)
      tsv.unknown();
    else
      tsv.number(channel.waiters_before);
    tsv.end();
  }
}

void print_json(const Snapshot& snapshot, std::span<const ChannelRow> rows, std::size_t total,
                Output& out) {
  Json json(out);
  begin_document(json, snapshot, "channels");
  json.key("total").number(total);
  json.next_line();
  json.key("channels").open_array();
  for (const ChannelRow& row : rows) {
    json.next_line();
    write_channel_row(json, snapshot, row);
  }
  json.close_array();
  end_document(json);
}

void print_text(const Snapshot& snapshot, std::span<const ChannelRow> rows, std::size_t total,
                const Style& style, Output& out) {
  print_heading(snapshot, style, out);
  if (rows.empty() && !style.quiet) out.write("no goroutine waits on such a channel\n");
  Table table = channel_table(snapshot, plural(total, "channel"), style, out);
  std::size_t number = 0;
  for (const ChannelRow& row : rows) add_channel_row(table, snapshot, row, ++number);
  if (!rows.empty()) table.finish();
  print_left_out(rows.size(), total, style, out);
  if (!style.quiet) out.write("\n");
  print_remarks(snapshot, style, out);
  if (rows.empty())
    print_next(fmt::format("chanspect goroutines {} --group-by reason", target_word(snapshot)),
               "what they do instead", style, out);
  else
    print_next(fmt::format("chanspect channel {} {:#x}", target_word(snapshot),
                           snapshot.channels[rows.front().channel].address),
               "who waits on the first, in order", style, out);
}

}  // namespace

Result<void> print_channels(const Snapshot& snapshot, const analysis::ChannelQuery& query,
                            const Style& style, Output& out) {
  const std::vector<ChannelRow> all = analysis::list_channels(snapshot, query);
  const std::span rows = std::span(all).first(rows_to_print(style, all.size(), kScreen));
  switch (style.format) {
    case Format::tsv:
      print_tsv(snapshot, rows, out);
      break;
    case Format::json:
      print_json(snapshot, rows, all.size(), out);
      break;
    case Format::text:
      print_text(snapshot, rows, all.size(), style, out);
  }
  return out.finish();
}

}  // namespace chanspect::report
