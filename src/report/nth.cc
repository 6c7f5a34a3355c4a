// `chanspect nth`: the Nth unclosed channel on which somebody is stuck, and the exact stack.

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "analysis/frames.h"
#include "analysis/words.h"
#include "report/channel_cells.h"
#include "report/frame_line.h"
#include "report/goroutine_cells.h"
#include "report/json_parts.h"
#include "report/reports.h"
#include "report/stack_text.h"
#include "report/surroundings.h"
#include "report/tsv.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using analysis::ChannelOrder;
using analysis::ChannelRow;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;

constexpr std::size_t kGoroutines = 3;  // whose stacks are printed, where they differ

/// The channel asked for, and who is stuck on it.
struct Nth {
  std::uint64_t n = 0;
  std::size_t of = 0;
  ChannelOrder order = ChannelOrder::oldest;
  ChannelRow row;
  std::vector<std::uint32_t> waiters;  ///< indices into Snapshot::goroutines, by id
};

std::string_view name_of(ChannelOrder order) {
  switch (order) {
    case ChannelOrder::waiters:
      return "waiters";
    case ChannelOrder::age:
      return "age";
    case ChannelOrder::address:
      return "address";
    case ChannelOrder::oldest:
      break;
  }
  return "oldest";
}

std::string_view words_of(ChannelOrder order) {
  switch (order) {
    case ChannelOrder::waiters:
      return "the most waited on first";
    case ChannelOrder::age:
      return "the longest wait first";
    case ChannelOrder::address:
      return "by address";
    case ChannelOrder::oldest:
      break;
  }
  return "the oldest goroutine first";
}

Result<Nth> find_nth(const Snapshot& snapshot, const NthQuery& query) {
  const std::vector<ChannelRow> rows = analysis::stuck_channels(snapshot, query.order);
  if (query.n == 0 || query.n > rows.size())
    return fail(ErrorCode::usage, fmt::format("there is no channel number {}", query.n),
                rows.empty() ? "no goroutine is stuck on an unclosed channel"
                             : fmt::format("goroutines are stuck on {}",
                                           plural(rows.size(), "unclosed channel")),
                rows.empty() ? fmt::format("chanspect {}", target_word(snapshot))
                             : fmt::format("chanspect nth {} N with N from 1 to {}",
                                           target_word(snapshot), rows.size()));
  Nth nth{.n = query.n,
          .of = rows.size(),
          .order = query.order,
          .row = rows[query.n - 1],
          .waiters = {}};
  analysis::GoroutineQuery waiters;
  waiters.channel = snapshot.channels[nth.row.channel].address;
  waiters.with_system = true;
  nth.waiters = analysis::select_goroutines(snapshot, waiters);
  return nth;
}

/// The first goroutine of each place, at most a few: the others are like them.
std::vector<std::uint32_t> examples(const Snapshot& snapshot, const Nth& nth) {
  std::vector<std::uint32_t> found;
  for (const std::uint32_t index : nth.waiters) {
    const snapshot::StackId stack = snapshot.goroutines[index].stack;
    const bool known = std::ranges::any_of(
        found, [&](std::uint32_t other) { return snapshot.goroutines[other].stack == stack; });
    if (!known) found.push_back(index);
    if (found.size() == kGoroutines) break;
  }
  return found;
}

/// "and 117,999 more at the same place", "and 4 more with the same stack, 7 with others".
std::string others_like(const Snapshot& snapshot, const Nth& nth,
                        std::span<const std::uint32_t> shown) {
  const std::size_t more = nth.waiters.size() - shown.size();
  if (more == 0) return {};
  const auto like_shown =
      static_cast<std::size_t>(std::ranges::count_if(nth.waiters, [&](std::uint32_t index) {
        return std::ranges::any_of(shown, [&](std::uint32_t other) {
          return snapshot.goroutines[other].stack == snapshot.goroutines[index].stack;
        });
      }));
  const std::size_t alike = like_shown - shown.size();
  if (alike == more)
    return fmt::format("and {} more at the same place{}", with_commas(more),
                       shown.size() == 1 ? "" : "s");
  if (alike == 0) return fmt::format("and {} more elsewhere", with_commas(more));
  return fmt::format("and {} more at the same places, {} elsewhere", with_commas(alike),
                     with_commas(more - alike));
}

void print_next_step(const Snapshot& snapshot, const Nth& nth, const Style& style, Output& out) {
  const std::string order =
      nth.order == ChannelOrder::oldest ? "" : fmt::format(" --order {}", name_of(nth.order));
  if (nth.n < nth.of)
    print_next(fmt::format("chanspect nth {} {}{}", target_word(snapshot), nth.n + 1, order),
               "the next one", style, out);
  else
    print_next(fmt::format("chanspect channel {} {:#x}", target_word(snapshot),
                           snapshot.channels[nth.row.channel].address),
               "its queues, and who is on the other side", style, out);
}

void print_text(const Snapshot& snapshot, const Nth& nth, const Style& style, Output& out) {
  print_heading(snapshot, style, out);
  if (!style.quiet) {
    out.write(fmt::format("{} of {} with stuck goroutines, {}\n", with_commas(nth.n),
                          plural(nth.of, "unclosed channel"), words_of(nth.order)));
    out.write(inked(channel_words(snapshot, snapshot.channels[nth.row.channel]), Ink::bold, style));
    out.write(fmt::format("   {}   {}\n\n", channel_waiters(nth.row),
                          inked(at_least(nth.row.longest_wait_ns), Ink::yellow, style)));
  }
  const StackText text(snapshot, false);
  const auto shown = examples(snapshot, nth);
  TextBuffer buffer(64 << 10);
  for (const std::uint32_t index : shown) {
    if (index != shown.front()) buffer.append("\n");
    text.append(snapshot.goroutines[index], buffer);
  }
  out.write(buffer.text());
  if (style.quiet) return;
  if (const std::string others = others_like(snapshot, nth, shown); !others.empty())
    out.write("\n" + others + "\n");
  out.write("\n");
  print_remarks(snapshot, style, out);
  print_next_step(snapshot, nth, style, out);
}

void add_tsv_start(Tsv& tsv, const Snapshot& snapshot, const Nth& nth, const Goroutine& goroutine) {
  const snapshot::Channel& channel = snapshot.channels[nth.row.channel];
  tsv.number(nth.n).address(channel.address).text(snapshot.strings[channel.elem_type]);
  tsv.number(goroutine.id)
      .text(analysis::block_type(snapshot, goroutine))
      .seconds(goroutine.wait_ns);
}

void print_tsv(const Snapshot& snapshot, const Nth& nth, std::span<const std::uint32_t> rows,
               std::optional<std::uint32_t> frame, Output& out) {
  Tsv tsv({"n", "channel_addr", "elem_type", "goroutine_id", "block_type", "duration_seconds",
           "frame", "function", "file", "line"},
          out);
  for (const std::uint32_t index : rows) {
    const Goroutine& goroutine = snapshot.goroutines[index];
    if (frame) {
      add_tsv_start(tsv, snapshot, nth, goroutine);
      tsv.number(*frame).place(snapshot, user_frame_of(snapshot, goroutine, *frame)).end();
      continue;
    }
    if (goroutine.stack == kNone) continue;
    const snapshot::Stack& stack = snapshot.stacks[goroutine.stack];
    std::uint32_t number = 0;
    for (std::uint32_t i = 0; i < stack.count; ++i) {
      const snapshot::StackFrame& at = snapshot.stack_frames[stack.first + i];
      if (at.hidden) continue;
      add_tsv_start(tsv, snapshot, nth, goroutine);
      tsv.number(++number).place(snapshot, at.frame).end();
    }
  }
}

void print_json(const Snapshot& snapshot, const Nth& nth, std::span<const std::uint32_t> rows,
                std::optional<std::uint32_t> frame, Output& out) {
  Json json(out);
  begin_document(json, snapshot, "nth");
  json.key("n").number(nth.n);
  json.key("of").number(nth.of);
  json.key("order").text(name_of(nth.order));
  json.key("channel");
  write_channel_row(json, snapshot, nth.row);
  if (frame) {
    json.key("frame");
    write_place(json, snapshot, user_frame_of(snapshot, snapshot.goroutines[rows.front()], *frame));
  }
  json.next_line();
  json.key("goroutines").open_array();
  for (const std::uint32_t index : rows) {
    json.next_line();
    write_goroutine(json, snapshot, snapshot.goroutines[index], !frame);
  }
  json.close_array();
  end_document(json);
}

}  // namespace

Result<void> print_nth(const Snapshot& snapshot, const NthQuery& query, const Style& style,
                       Output& out) {
  CS_TRY(const Nth nth, find_nth(snapshot, query));
  const Goroutine& first = snapshot.goroutines[nth.waiters.front()];
  if (query.frame) CS_CHECK(check_frame(snapshot, first, *query.frame));
  const std::span rows =
      std::span(nth.waiters).first(rows_to_print(style, nth.waiters.size(), kGoroutines));
  switch (style.format) {
    case Format::tsv:
      print_tsv(snapshot, nth, rows, query.frame, out);
      break;
    case Format::json:
      print_json(snapshot, nth, rows, query.frame, out);
      break;
    case Format::text:
      if (query.frame)
        out.write(frame_line(snapshot, user_frame_of(snapshot, first, *query.frame)) + "\n");
      else
        print_text(snapshot, nth, style, out);
  }
  return out.finish();
}

}  // namespace chanspect::report
