// `chanspect TARGET`: one screen, the answer first.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <span>

#include "analysis/census.h"
#include "analysis/channels.h"
#include "analysis/other_waits.h"
#include "analysis/words.h"
#include "report/channel_cells.h"
#include "report/json_parts.h"
#include "report/reports.h"
#include "report/surroundings.h"
#include "report/tsv.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using analysis::Activity;
using analysis::Census;
using analysis::ChannelRow;
using analysis::WaitRow;
using snapshot::Snapshot;

constexpr std::size_t kChannels = 10;
constexpr std::size_t kOthers = 3;
constexpr std::int64_t kLong = 60'000'000'000;  // a lone goroutine on a lock is told from here on

/// Everything that the screen says.
struct Overview {
  Census census;
  std::vector<ChannelRow> channels;  ///< the most waited on first
  std::vector<WaitRow> locks;
  std::vector<WaitRow> forever;
  std::size_t channels_shown = 0;
};

Overview look_over(const Snapshot& snapshot, const Style& style) {
  Overview overview;
  overview.census = analysis::take_census(snapshot);
  analysis::ChannelQuery stuck;
  stuck.with_timers = false;
  stuck.with_system = false;
  overview.channels = analysis::list_channels(snapshot, stuck);
  overview.locks = analysis::list_locks(snapshot);
  overview.forever = analysis::list_forever(snapshot);
  // It is a screen, also when its reader is a pipe: all channels are what `channels` is for.
  const std::size_t asked = style.limit == 0 || style.limit == kNoLimit ? kChannels : style.limit;
  overview.channels_shown = std::min(overview.channels.size(), asked);
  return overview;
}

struct ActivityCount {
  Activity activity = Activity::other;
  std::uint64_t count = 0;
};

std::vector<ActivityCount> by_count(const Census& census) {
  std::vector<ActivityCount> counts;
  for (std::size_t i = 0; i < census.user.size(); ++i)
    if (census.user[i] != 0) counts.push_back({static_cast<Activity>(i), census.user[i]});
  std::ranges::stable_sort(counts, std::ranges::greater(), &ActivityCount::count);
  return counts;
}

/// Of the user's goroutines, as `goroutines_before` counts them.
std::string growth(const Snapshot& snapshot, std::uint64_t now) {
  const auto change = static_cast<std::int64_t>(now - snapshot.source.goroutines_before);
  return fmt::format(" ({}{} in {})", change < 0 ? "-" : "+",
                     with_commas(static_cast<std::uint64_t>(std::abs(change))),
                     duration(snapshot.source.watched_ns));
}

/// "goroutines  120,431    channel 118,900 (98.7 %)   IO 1,204   …", on more lines if need be.
void print_census(const Snapshot& snapshot, const Census& census, const Style& style, Output& out) {
  const std::string total =
      with_commas(census.goroutines) +
      (snapshot.source.watched_ns > 0 ? growth(snapshot, census.goroutines) : std::string());
  out.write("goroutines  " + inked(total, Ink::bold, style) + " ");
  const std::size_t begin = 13 + total.size();
  std::size_t column = begin;
  bool first = true;
  for (const auto& [activity, count] : by_count(census)) {
    std::string item = fmt::format("{} {}", analysis::name_of(activity), with_commas(count));
    if (first)
      item += fmt::format(" ({:.1f} %)", 100.0 * static_cast<double>(count) /
                                             static_cast<double>(census.goroutines));
    first = false;
    if (style.width != 0 && column + 3 + item.size() > style.width && column > begin) {
      out.write("\n" + std::string(begin, ' '));
      column = begin;
    }
    out.write("   " + item);
    column += 3 + item.size();
  }
  out.write("\n");
}

void print_worst_channels(const Snapshot& snapshot, const Overview& overview, const Style& style,
                          Output& out) {
  if (overview.channels.empty()) {
    if (!style.quiet) out.write("\nno goroutine waits on a channel\n");
    return;
  }
  if (!style.quiet) out.write("\n");
  Table table = channel_table(snapshot, "WORST CHANNELS", style, out);
  for (std::size_t i = 0; i < overview.channels_shown; ++i)
    add_channel_row(table, snapshot, overview.channels[i], i + 1);
  table.finish();
  const std::size_t more = overview.channels.size() - overview.channels_shown;
  if (more != 0 && !style.quiet)
    out.write(fmt::format("... and {} (chanspect channels {})\n", plural(more, "more channel"),
                          target_word(snapshot)));
}

void print_wait_rows(const Snapshot& snapshot, std::span<const WaitRow> rows, std::string title,
                     const Style& style, Output& out) {
  if (rows.empty()) return;
  if (!style.quiet) out.write("\n");
  Table table({{.title = std::move(title)},
               {.title = "", .ink = Ink::cyan},
               {.title = "blocked", .right = true, .ink = Ink::bold},
               {.title = "longest", .ink = Ink::yellow},
               {.title = "waiting at", .cut = Table::Cut::function},
               {.title = "", .cut = Table::Cut::path, .optional = true, .ink = Ink::dim}},
              style, out);
  for (const WaitRow& row : rows.first(std::min(rows.size(), kOthers))) {
    auto place = place_cells(snapshot, row.site);
    table.row({"  " + printable(analysis::block_type(snapshot, snapshot.goroutines[row.goroutine])),
               row.object == 0 ? "" : hex(row.object), with_commas(row.waiters),
               at_least(row.longest_wait_ns), std::move(place[0]), std::move(place[1])});
  }
  table.finish();
  print_left_out(std::min(rows.size(), kOthers), rows.size(), style, out);
}

void print_text(const Snapshot& snapshot, const Overview& overview, const Style& style,
                Output& out) {
  print_heading(snapshot, style, out, false);
  print_census(snapshot, overview.census, style, out);
  print_worst_channels(snapshot, overview, style, out);
  std::vector<WaitRow> heavy = overview.locks;
  std::erase_if(heavy,
                [](const WaitRow& row) { return row.waiters < 2 && row.longest_wait_ns < kLong; });
  print_wait_rows(snapshot, heavy, "LOCKS", style, out);
  print_wait_rows(snapshot, overview.forever, "NOTHING CAN WAKE", style, out);
  if (!style.quiet) out.write("\n");
  print_remarks(snapshot, style, out);
  const std::string target = target_word(snapshot);
  if (!overview.channels.empty())
    print_next(fmt::format("chanspect nth {} 1", target),
               "the goroutine and stack of the first unclosed channel", style, out);
  else
    print_next(fmt::format("chanspect goroutines {} --group-by site", target), "where they all are",
               style, out);
}

void print_tsv(const Snapshot& snapshot, const Overview& overview, Output& out) {
  Tsv tsv({"what", "count"}, out);
  const auto line = [&](std::string_view what, std::uint64_t count) {
    tsv.text(what).number(count).end();
  };
  line("goroutines", overview.census.goroutines);
  for (std::size_t i = 0; i < analysis::kActivities; ++i)
    line(analysis::name_of(static_cast<Activity>(i)), overview.census.user[i]);
  line("system", overview.census.system);
  line("channels waited on", overview.channels.size());
  line("locks waited for", overview.locks.size());
  line("unsettled", snapshot.completeness.unsettled);
  line("unreadable", snapshot.completeness.unreadable);
}

void write_wait_rows(Json& json, const Snapshot& snapshot, std::span<const WaitRow> rows) {
  json.open_array();
  for (const WaitRow& row : rows) {
    json.next_line();
    json.open_object();
    json.key("block_type").text(analysis::block_type(snapshot, snapshot.goroutines[row.goroutine]));
    json.key("object").address(row.object);
    json.key("waiters").number(row.waiters);
    json.key("longest_wait_seconds_at_least").seconds(row.longest_wait_ns);
    json.key("site");
    write_place(json, snapshot, row.site);
    json.key("at_site").number(row.at_site);
    json.key("sites").number(row.sites);
    json.close_object();
  }
  json.close_array();
}

void print_json(const Snapshot& snapshot, const Overview& overview, Output& out) {
  Json json(out);
  begin_document(json, snapshot, "overview");
  json.key("goroutines").open_object();
  json.key("user").number(overview.census.goroutines);
  json.key("system").number(overview.census.system);
  json.key("by_activity").open_object();
  for (std::size_t i = 0; i < analysis::kActivities; ++i)
    json.foreign_key(analysis::name_of(static_cast<Activity>(i))).number(overview.census.user[i]);
  json.close_object().close_object();
  json.next_line();
  json.key("total").number(overview.channels.size());
  json.key("channels").open_array();
  for (std::size_t i = 0; i < overview.channels_shown; ++i) {
    json.next_line();
    write_channel_row(json, snapshot, overview.channels[i]);
  }
  json.close_array();
  json.next_line();
  json.key("locks");
  write_wait_rows(json, snapshot, overview.locks);
  json.next_line();
  json.key("forever");
  write_wait_rows(json, snapshot, overview.forever);
  end_document(json);
}

}  // namespace

Result<void> print_overview(const Snapshot& snapshot, const Style& style, Output& out) {
  const Overview overview = look_over(snapshot, style);
  switch (style.format) {
    case Format::tsv:
      print_tsv(snapshot, overview, out);
      break;
    case Format::json:
      print_json(snapshot, overview, out);
      break;
    case Format::text:
      print_text(snapshot, overview, style, out);
  }
  return out.finish();
}

}  // namespace chanspect::report
