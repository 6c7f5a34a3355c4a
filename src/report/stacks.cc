// `chanspect stack`: the text of runtime.Stack.

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <unordered_map>

#include "analysis/frames.h"
#include "analysis/words.h"
#include "report/frame_line.h"
#include "report/json_parts.h"
#include "report/reports.h"
#include "report/stack_stream.h"
#include "report/stack_text.h"
#include "report/surroundings.h"
#include "report/tsv.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;
using Rows = std::vector<std::uint32_t>;

/// The goroutines asked for: in the order of the ids given, else in the runtime's own.
Result<Rows> find_goroutines(const Snapshot& snapshot, const analysis::GoroutineQuery& query) {
  Rows found = analysis::filter_goroutines(snapshot, query);
  if (query.ids.empty()) return found;
  std::unordered_map<std::uint64_t, std::uint32_t> index_of;
  for (const std::uint32_t index : found) index_of.emplace(snapshot.goroutines[index].id, index);
  Rows ordered;
  for (const std::uint64_t id : query.ids) {
    const auto at = index_of.find(id);
    if (at == index_of.end())
      return fail(ErrorCode::usage, fmt::format("no goroutine {}", id),
                  fmt::format("{} has {}", target_word(snapshot),
                              plural(snapshot.goroutines.size(), "goroutine")),
                  fmt::format("chanspect goroutines {}", target_word(snapshot)));
    ordered.push_back(at->second);
  }
  return ordered;
}

void print_frame_lines(const Snapshot& snapshot, std::span<const std::uint32_t> rows,
                       std::uint32_t frame, Output& out) {
  for (const std::uint32_t index : rows) {
    const Goroutine& goroutine = snapshot.goroutines[index];
    const std::string line = frame_line(snapshot, user_frame_of(snapshot, goroutine, frame));
    out.write(rows.size() == 1 ? line + "\n"
                               : fmt::format("goroutine {}  {}\n", goroutine.id, line));
  }
}

void add_tsv_rows(Tsv& tsv, const Snapshot& snapshot, const Goroutine& goroutine) {
  if (!goroutine.settled || goroutine.stack == kNone) return;
  const snapshot::Stack& stack = snapshot.stacks[goroutine.stack];
  std::uint32_t number = 0;
  for (std::uint32_t i = 0; i < stack.count; ++i) {
    const snapshot::StackFrame& at = snapshot.stack_frames[stack.first + i];
    if (at.hidden) continue;
    const snapshot::Frame& frame = snapshot.frames[at.frame];
    tsv.number(goroutine.id).number(++number).place(snapshot, at.frame).number(frame.offset);
    tsv.address(frame.pc).flag(frame.inlined).end();
  }
}

void print_tsv(const Snapshot& snapshot, std::span<const std::uint32_t> rows,
               std::optional<std::uint32_t> frame, Output& out) {
  if (frame) {
    Tsv tsv({"goroutine_id", "frame", "function", "file", "line"}, out);
    for (const std::uint32_t index : rows) {
      const Goroutine& goroutine = snapshot.goroutines[index];
      tsv.number(goroutine.id).number(*frame);
      tsv.place(snapshot, user_frame_of(snapshot, goroutine, *frame)).end();
    }
    return;
  }
  Tsv tsv({"goroutine_id", "frame", "function", "file", "line", "offset", "pc", "inlined"}, out);
  for (const std::uint32_t index : rows) add_tsv_rows(tsv, snapshot, snapshot.goroutines[index]);
}

void print_json(const Snapshot& snapshot, std::span<const std::uint32_t> rows, std::size_t total,
                std::optional<std::uint32_t> frame, Output& out) {
  Json json(out);
  begin_document(json, snapshot, "stack");
  json.key("total").number(total);
  json.next_line();
  json.key("goroutines").open_array();
  for (const std::uint32_t index : rows) {
    const Goroutine& goroutine = snapshot.goroutines[index];
    json.next_line();
    if (!frame) {
      write_goroutine(json, snapshot, goroutine, true);
      continue;
    }
    json.open_object();
    json.key("id").number(goroutine.id);
    json.key("frame");
    write_place(json, snapshot, user_frame_of(snapshot, goroutine, *frame));
    json.close_object();
  }
  json.close_array();
  end_document(json);
}

void print_text(const Snapshot& snapshot, std::span<const std::uint32_t> rows,
                const StackQuery& query, Output& out) {
  if (query.frame)
    print_frame_lines(snapshot, rows, *query.frame, out);
  else
    stream_stacks(snapshot, rows, StackText(snapshot, query.channels), out);
}

}  // namespace

Result<void> print_stacks(const Snapshot& snapshot, const StackQuery& query, const Style& style,
                          Output& out) {
  CS_TRY(const Rows all, find_goroutines(snapshot, query.goroutines));
  const std::span rows = std::span(all).first(rows_to_print(style, all.size(), all.size()));
  if (query.frame && rows.size() == 1)
    CS_CHECK(check_frame(snapshot, snapshot.goroutines[rows.front()], *query.frame));
  switch (style.format) {
    case Format::tsv:
      print_tsv(snapshot, rows, query.frame, out);
      break;
    case Format::json:
      print_json(snapshot, rows, all.size(), query.frame, out);
      break;
    case Format::text:
      print_text(snapshot, rows, query, out);
  }
  return out.finish();
}

}  // namespace chanspect::report
