// `chanspect blocked`: one row a goroutine that waits on a channel, a lock, or for ever.

#include <fmt/format.h>

#include <span>

#include "analysis/frames.h"
#include "analysis/words.h"
#include "report/channel_cells.h"
#include "report/goroutine_cells.h"
#include "report/json_parts.h"
#include "report/reports.h"
#include "report/surroundings.h"
#include "report/tsv.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using snapshot::Goroutine;
using snapshot::Snapshot;

constexpr std::size_t kScreen = 40;

void print_tsv(const Snapshot& snapshot, std::span<const std::uint32_t> rows, Output& out) {
  Tsv tsv({"goroutine_id", "block_type", "channel_addr", "duration_seconds", "function", "file",
           "line", "direction", "object_addr", "status", "reason", "parent_id", "created_by"},
          out);
  for (const std::uint32_t index : rows) {
    const Goroutine& goroutine = snapshot.goroutines[index];
    tsv.number(goroutine.id).text(analysis::block_type(snapshot, goroutine));
    tsv.text(channel_addresses(snapshot, goroutine, kNoLimit)).seconds(goroutine.wait_ns);
    tsv.place(snapshot, analysis::site_of(snapshot, goroutine.stack));
    tsv.text(directions(snapshot, goroutine)).address(lock_address(snapshot, goroutine));
    tsv.text(analysis::name_of(goroutine.status)).text(snapshot.strings[goroutine.reason]);
    if (goroutine.parent_id == 0)
      tsv.unknown();
    else
      tsv.number(goroutine.parent_id);
    tsv.text(creator_name(snapshot, goroutine)).end();
  }
}

void print_json(const Snapshot& snapshot, std::span<const std::uint32_t> rows, std::size_t total,
                Output& out) {
  Json json(out);
  begin_document(json, snapshot, "blocked");
  json.key("total").number(total);
  json.next_line();
  json.key("goroutines").open_array();
  for (const std::uint32_t index : rows) {
    json.next_line();
    write_goroutine(json, snapshot, snapshot.goroutines[index], false);
  }
  json.close_array();
  end_document(json);
}

void print_text(const Snapshot& snapshot, std::span<const std::uint32_t> rows, std::size_t total,
                const Style& style, Output& out) {
  print_heading(snapshot, style, out);
  if (rows.empty() && !style.quiet) out.write("no goroutine is blocked so\n");
  Table table({{.title = "Goroutine ID", .right = true, .ink = Ink::bold},
               {.title = "Block Type"},
               {.title = "Channel Addr", .cut = Table::Cut::middle, .ink = Ink::cyan},
               {.title = "Duration", .ink = Ink::yellow},
               {.title = "Waiting at", .cut = Table::Cut::function},
               {.title = "", .cut = Table::Cut::path, .optional = true, .ink = Ink::dim}},
              style, out);
  for (const std::uint32_t index : rows) {
    const Goroutine& goroutine = snapshot.goroutines[index];
    auto place = place_cells(snapshot, analysis::site_of(snapshot, goroutine.stack));
    table.row({std::to_string(goroutine.id), printable(analysis::block_type(snapshot, goroutine)),
               waited_addresses(snapshot, goroutine), at_least(goroutine.wait_ns),
               std::move(place[0]), std::move(place[1])});
  }
  if (!rows.empty()) table.finish();
  print_left_out(rows.size(), total, style, out);
  if (!style.quiet) out.write("\n");
  print_remarks(snapshot, style, out);
  if (rows.empty())
    print_next(fmt::format("chanspect goroutines {} --group-by reason", target_word(snapshot)),
               "what they do instead", style, out);
  else
    print_next(fmt::format("chanspect stack {} {}", target_word(snapshot),
                           snapshot.goroutines[rows.front()].id),
               "the stack of the first", style, out);
}

}  // namespace

Result<void> print_blocked(const Snapshot& snapshot, const analysis::GoroutineQuery& query,
                           const Style& style, Output& out) {
  analysis::GoroutineQuery blocked = query;
  blocked.blocked_only = true;
  const std::vector<std::uint32_t> all = analysis::select_goroutines(snapshot, blocked);
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
