// `chanspect goroutines`: all of them, row by row.

#include <fmt/format.h>

#include <span>

#include "analysis/frames.h"
#include "analysis/words.h"
#include "report/channel_cells.h"
#include "report/goroutine_cells.h"
#include "report/goroutine_groups.h"
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

void add_tsv_row(Tsv& tsv, const Snapshot& snapshot, const Goroutine& goroutine) {
  tsv.number(goroutine.id).text(analysis::name_of(goroutine.status)).flag(goroutine.settled);
  if (!goroutine.settled) {
    for (int column = 0; column < 16; ++column) tsv.unknown();
    tsv.address(goroutine.address).end();
    return;
  }
  tsv.text(snapshot.strings[goroutine.reason]).text(analysis::block_type(snapshot, goroutine));
  tsv.seconds(goroutine.wait_ns).place(snapshot, analysis::site_of(snapshot, goroutine.stack));
  tsv.text(channel_addresses(snapshot, goroutine, kNoLimit));
  tsv.text(label_words(snapshot, goroutine.labels)).place(snapshot, goroutine.creator);
  if (goroutine.parent_id == 0)
    tsv.unknown();
  else
    tsv.number(goroutine.parent_id);
  tsv.flag(goroutine.system).flag(goroutine.locked);
  if (goroutine.thread == 0)
    tsv.unknown();
  else
    tsv.number(goroutine.thread);
  tsv.flag(goroutine.leaked).address(goroutine.address).end();
}

void print_tsv(const Snapshot& snapshot, std::span<const std::uint32_t> rows, Output& out) {
  Tsv tsv(
      {"goroutine_id",     "status",           "settled",      "reason",       "block_type",
       "duration_seconds", "function",         "file",         "line",         "channel_addr",
       "labels",           "created_by",       "created_file", "created_line", "parent_id",
       "system",           "locked_to_thread", "thread",       "leaked",       "goroutine_addr"},
      out);
  for (const std::uint32_t index : rows) add_tsv_row(tsv, snapshot, snapshot.goroutines[index]);
}

void print_json(const Snapshot& snapshot, std::span<const std::uint32_t> rows, std::size_t total,
                Output& out) {
  Json json(out);
  begin_document(json, snapshot, "goroutines");
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

std::string state_words(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (!goroutine.settled) return "moving";
  std::string text = printable(analysis::block_type(snapshot, goroutine));
  if (goroutine.locked) text += ", locked to thread";
  if (goroutine.leaked) text += " (leaked)";
  return text;
}

void add_text_row(Table& table, const Snapshot& snapshot, const Goroutine& goroutine) {
  std::vector<std::string> cells = {std::to_string(goroutine.id),
                                    std::string(analysis::name_of(goroutine.status)),
                                    state_words(snapshot, goroutine)};
  if (goroutine.settled) {
    auto place = place_cells(snapshot, analysis::site_of(snapshot, goroutine.stack));
    cells.insert(cells.end(),
                 {at_least(goroutine.wait_ns), std::move(place[0]), std::move(place[1]),
                  printable(short_function(creator_name(snapshot, goroutine))),
                  printable(label_words(snapshot, goroutine.labels))});
  } else {
    cells.insert(cells.end(), 5, {});
  }
  table.row(std::move(cells));
}

void print_text(const Snapshot& snapshot, std::span<const std::uint32_t> rows, std::size_t total,
                const Style& style, Output& out) {
  print_heading(snapshot, style, out);
  if (rows.empty() && !style.quiet) out.write("no such goroutine\n");
  Table table({{.title = "goroutine", .right = true, .ink = Ink::bold},
               {.title = "status"},
               {.title = "reason"},
               {.title = "wait", .ink = Ink::yellow},
               {.title = "top user frame", .cut = Table::Cut::function},
               {.title = "", .cut = Table::Cut::path, .optional = true, .ink = Ink::dim},
               {.title = "created by", .cut = Table::Cut::function, .optional = true},
               {.title = "labels", .cut = Table::Cut::middle, .optional = true}},
              style, out);
  for (const std::uint32_t index : rows) add_text_row(table, snapshot, snapshot.goroutines[index]);
  if (!rows.empty()) table.finish();
  print_left_out(rows.size(), total, style, out);
  if (!style.quiet) out.write("\n");
  print_remarks(snapshot, style, out);
  print_next(fmt::format("chanspect goroutines {} --group-by stack", target_word(snapshot)),
             "equal stacks merged", style, out);
}

}  // namespace

Result<void> print_goroutines(const Snapshot& snapshot, const analysis::GoroutineQuery& query,
                              const std::vector<analysis::GroupKey>& group_by, const Style& style,
                              Output& out) {
  const std::vector<std::uint32_t> all = analysis::select_goroutines(snapshot, query);
  if (!group_by.empty()) {
    print_groups(snapshot, analysis::group_goroutines(snapshot, all, group_by), group_by, style,
                 out);
    return out.finish();
  }
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
