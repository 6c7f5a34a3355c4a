// `chanspect ps`: the Go processes of this machine.

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "report/json.h"
#include "report/reports.h"
#include "report/surroundings.h"
#include "report/table.h"
#include "report/tsv.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

void print_tsv(std::span<const ProcessRow> rows, Output& out) {
  Tsv tsv({"pid", "name", "go_version", "uptime_seconds", "goroutines", "access", "hint"}, out);
  for (const ProcessRow& row : rows) {
    tsv.number(static_cast<std::uint64_t>(row.pid)).text(row.name).text(row.go_version);
    tsv.seconds(row.uptime_ns);
    if (row.goroutines)
      tsv.number(*row.goroutines);
    else
      tsv.unknown();
    tsv.text(row.access).text(row.hint).end();
  }
}

void print_json(std::span<const ProcessRow> rows, std::size_t total, Output& out) {
  Json json(out);
  json.open_object();
  json.key("schema").text("chanspect/1");
  json.key("command").text("ps");
  json.key("total").number(total);
  json.key("processes").open_array();
  for (const ProcessRow& row : rows) {
    json.next_line();
    json.open_object();
    json.key("pid").number(static_cast<std::uint64_t>(row.pid));
    json.key("name").text(row.name);
    json.key("go_version").text(row.go_version);
    json.key("uptime_seconds").seconds(row.uptime_ns);
    json.key("goroutines");
    if (row.goroutines)
      json.number(*row.goroutines);
    else
      json.null();
    json.key("access").text(row.access);
    json.key("hint").text(row.hint);
    json.close_object();
  }
  json.close_array().close_object();
  json.finish();
}

void print_text(std::span<const ProcessRow> rows, std::size_t total, const Style& style,
                Output& out) {
  if (rows.empty() && !style.quiet) out.write("no Go process that we can see\n");
  Table table({{.title = "pid", .right = true, .ink = Ink::bold},
               {.title = "name", .cut = Table::Cut::middle},
               {.title = "Go"},
               {.title = "up", .right = true},
               {.title = "goroutines", .right = true},
               {.title = "readable", .cut = Table::Cut::middle}},
              style, out);
  for (const ProcessRow& row : rows)
    table.row({std::to_string(row.pid), printable(row.name), printable(row.go_version),
               row.uptime_ns == snapshot::kUnknown ? "-" : duration(row.uptime_ns),
               row.goroutines ? with_commas(*row.goroutines) : "-", printable(row.access)});
  if (!rows.empty()) table.finish();
  print_left_out(rows.size(), total, style, out);
  if (rows.empty()) return;
  if (!style.quiet) out.write("\n");
  const auto most = std::ranges::max_element(
      rows, {}, [](const ProcessRow& row) { return row.goroutines.value_or(0); });
  if (most->goroutines)
    print_next(fmt::format("chanspect {}", most->pid), "the one with the most goroutines", style,
               out);
  else if (!most->hint.empty())
    print_next(printable(most->hint), "makes it readable", style, out);
}

}  // namespace

Result<void> print_processes(const std::vector<ProcessRow>& rows, const Style& style, Output& out) {
  const std::span shown = std::span(rows).first(rows_to_print(style, rows.size(), rows.size()));
  switch (style.format) {
    case Format::tsv:
      print_tsv(shown, out);
      break;
    case Format::json:
      print_json(shown, rows.size(), out);
      break;
    case Format::text:
      print_text(shown, rows.size(), style, out);
  }
  return out.finish();
}

}  // namespace chanspect::report
