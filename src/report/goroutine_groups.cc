#include "report/goroutine_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "analysis/frames.h"
#include "analysis/words.h"
#include "report/channel_cells.h"
#include "report/goroutine_cells.h"
#include "report/json_parts.h"
#include "report/surroundings.h"
#include "report/table.h"
#include "report/tsv.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using analysis::GoroutineGroup;
using analysis::GroupKey;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;
using Groups = std::span<const GoroutineGroup>;
using Keys = std::vector<GroupKey>;

constexpr std::size_t kScreen = 20;

std::string_view name_of(GroupKey key) {
  switch (key) {
    case GroupKey::site:
      return "site";
    case GroupKey::reason:
      return "reason";
    case GroupKey::creator:
      return "creator";
    case GroupKey::label:
      return "labels";
    case GroupKey::channel:
      return "channels";
    case GroupKey::stack:
      break;
  }
  return "stack";
}

const Goroutine& first_of(const Snapshot& snapshot, const GoroutineGroup& group) {
  return snapshot.goroutines[group.members.front()];
}

std::span<const snapshot::StackFrame> frames_of(const Snapshot& snapshot,
                                                const Goroutine& goroutine) {
  if (!goroutine.settled || goroutine.stack == kNone) return {};
  const snapshot::Stack& stack = snapshot.stacks[goroutine.stack];
  return std::span(snapshot.stack_frames).subspan(stack.first, stack.count);
}

std::string short_place(const Snapshot& snapshot, snapshot::FrameId frame, std::string_view none) {
  if (frame == kNone) return std::string(none);
  const auto cells = place_cells(snapshot, frame);
  return cells[0] + "  " + cells[1];
}

std::string key_cell(const Snapshot& snapshot, const Goroutine& goroutine, GroupKey key) {
  if (goroutine.settled && key == GroupKey::creator)
    return short_place(snapshot, goroutine.creator, "(no creator)");
  if (goroutine.settled && (key == GroupKey::site || key == GroupKey::stack))
    return short_place(snapshot, analysis::site_of(snapshot, goroutine.stack), "(no user frame)");
  return printable(analysis::group_key_text(snapshot, goroutine, key));
}

/// "goroutine 18", "goroutines 18, 19, 20, …".
std::string member_words(const Snapshot& snapshot, const GoroutineGroup& group) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, group.members.size()); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", snapshot.goroutines[group.members[i]].id);
  return group.members.size() > kMost ? text + ", …" : text;
}

void print_table(const Snapshot& snapshot, Groups groups, const Keys& keys, const Style& style,
                 Output& out) {
  std::vector<Table::Column> columns = {{.title = "goroutines", .right = true, .ink = Ink::bold},
                                        {.title = "longest", .ink = Ink::yellow}};
  for (const GroupKey key : keys)
    columns.push_back({.title = std::string(name_of(key)), .cut = Table::Cut::middle});
  columns.push_back({.title = "goroutine", .ink = Ink::dim});
  Table table(std::move(columns), style, out);
  for (const GoroutineGroup& group : groups) {
    std::vector<std::string> cells = {with_commas(group.members.size()),
                                      at_least(group.longest_wait_ns)};
    for (const GroupKey key : keys)
      cells.push_back(key_cell(snapshot, first_of(snapshot, group), key));
    cells.push_back(member_words(snapshot, group));
    table.row(std::move(cells));
  }
  table.finish();
}

/// With the key `stack` each group is a paragraph: a line of its own, and the stack.
void print_paragraphs(const Snapshot& snapshot, Groups groups, const Keys& keys, const Style& style,
                      Output& out) {
  bool first = true;
  for (const GoroutineGroup& group : groups) {
    const Goroutine& goroutine = first_of(snapshot, group);
    std::string line = inked(plural(group.members.size(), "goroutine"), Ink::bold, style);
    line += fmt::format("  {}", analysis::block_type(snapshot, goroutine));
    if (group.longest_wait_ns != snapshot::kUnknown)
      line += "  " + inked(at_least(group.longest_wait_ns), Ink::yellow, style);
    for (const GroupKey key : keys)
      if (key != GroupKey::stack && key != GroupKey::reason && key != GroupKey::site)
        line += (key == GroupKey::creator ? "  created by " : "  ") +
                key_cell(snapshot, goroutine, key);
    line += inked("  (" + member_words(snapshot, group) + ")", Ink::dim, style);
    out.write(fmt::format("{}{}\n", first ? "" : "\n", line));
    first = false;
    Style untitled = style;
    untitled.quiet = true;
    Table table({{.title = "", .cut = Table::Cut::function},
                 {.title = "", .cut = Table::Cut::path, .optional = true, .ink = Ink::dim}},
                untitled, out);
    for (const snapshot::StackFrame& at : frames_of(snapshot, goroutine)) {
      if (at.hidden) continue;
      auto cells = place_cells(snapshot, at.frame);
      table.row({"    " + cells[0], std::move(cells[1])});
    }
    table.finish();
  }
}

std::size_t goroutines_in(Groups groups) {
  return std::accumulate(
      groups.begin(), groups.end(), std::size_t{0},
      [](std::size_t sum, const GoroutineGroup& group) { return sum + group.members.size(); });
}

void print_text(const Snapshot& snapshot, Groups all, Groups groups, const Keys& keys,
                const Style& style, Output& out) {
  print_heading(snapshot, style, out);
  if (!style.quiet)
    out.write(fmt::format("{} in {}\n\n", plural(goroutines_in(all), "goroutine"),
                          plural(all.size(), "group")));
  const bool with_stacks = std::ranges::find(keys, GroupKey::stack) != keys.end();
  if (with_stacks)
    print_paragraphs(snapshot, groups, keys, style, out);
  else if (!groups.empty())
    print_table(snapshot, groups, keys, style, out);
  print_left_out(groups.size(), all.size(), style, out);
  if (!style.quiet) out.write("\n");
  print_remarks(snapshot, style, out);
  if (!groups.empty())
    print_next(fmt::format("chanspect stack {} {}", target_word(snapshot),
                           first_of(snapshot, groups.front()).id),
               "one of the largest group, whole", style, out);
}

std::string stack_words(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::string text;
  for (const snapshot::StackFrame& at : frames_of(snapshot, goroutine)) {
    if (at.hidden) continue;
    const snapshot::Frame& frame = snapshot.frames[at.frame];
    text += fmt::format("{}{} {}:{}", text.empty() ? "" : "; ", snapshot.strings[frame.function],
                        snapshot.strings[frame.file], frame.line);
  }
  return text;
}

void print_tsv(const Snapshot& snapshot, Groups groups, const Keys& keys, Output& out) {
  std::vector<std::string_view> columns = {"goroutines", "longest_wait_seconds", "first_goroutine"};
  for (const GroupKey key : keys) columns.push_back(name_of(key));
  Tsv tsv(columns, out);
  for (const GoroutineGroup& group : groups) {
    const Goroutine& goroutine = first_of(snapshot, group);
    tsv.number(group.members.size()).seconds(group.longest_wait_ns).number(goroutine.id);
    for (const GroupKey key : keys)
      tsv.text(key == GroupKey::stack ? stack_words(snapshot, goroutine)
                                      : analysis::group_key_text(snapshot, goroutine, key));
    tsv.end();
  }
}

void write_key(Json& json, const Snapshot& snapshot, const Goroutine& goroutine, GroupKey key) {
  json.key(name_of(key));
  if (!goroutine.settled) {
    json.null();
    return;
  }
  switch (key) {
    case GroupKey::site:
      write_place(json, snapshot, analysis::site_of(snapshot, goroutine.stack));
      break;
    case GroupKey::reason:
      json.text(analysis::block_type(snapshot, goroutine));
      break;
    case GroupKey::creator:
      write_place(json, snapshot, goroutine.creator);
      break;
    case GroupKey::label:
      write_labels(json, snapshot, goroutine.labels);
      break;
    case GroupKey::channel:
      write_channel_addresses(json, snapshot, goroutine);
      break;
    case GroupKey::stack:
      write_stack(json, snapshot, goroutine.stack);
  }
}

void print_json(const Snapshot& snapshot, Groups groups, std::size_t total, const Keys& keys,
                Output& out) {
  Json json(out);
  begin_document(json, snapshot, "goroutines");
  json.key("total").number(total);
  json.key("group_by").open_array();
  for (const GroupKey key : keys) json.text(name_of(key));
  json.close_array();
  json.next_line();
  json.key("groups").open_array();
  for (const GoroutineGroup& group : groups) {
    json.next_line();
    json.open_object();
    json.key("count").number(group.members.size());
    json.key("longest_wait_seconds_at_least").seconds(group.longest_wait_ns);
    json.key("key").open_object();
    for (const GroupKey key : keys) write_key(json, snapshot, first_of(snapshot, group), key);
    json.close_object();
    json.key("goroutine_ids").open_array();
    for (const std::uint32_t member : group.members) json.number(snapshot.goroutines[member].id);
    json.close_array().close_object();
  }
  json.close_array();
  end_document(json);
}

}  // namespace

void print_groups(const Snapshot& snapshot, const std::vector<GoroutineGroup>& groups,
                  const Keys& keys, const Style& style, Output& out) {
  const Groups shown = Groups(groups).first(rows_to_print(style, groups.size(), kScreen));
  switch (style.format) {
    case Format::tsv:
      print_tsv(snapshot, shown, keys, out);
      break;
    case Format::json:
      print_json(snapshot, shown, groups.size(), keys, out);
      break;
    case Format::text:
      print_text(snapshot, groups, shown, keys, style, out);
  }
}

}  // namespace chanspect::report
