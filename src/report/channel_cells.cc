#include "report/channel_cells.h"

#include <fmt/format.h>

#include <cstdlib>

#include "report/words.h"

namespace chanspect::report {

using snapshot::Channel;
using snapshot::kNone;
using snapshot::Snapshot;

std::string channel_type(const Snapshot& snapshot, const Channel& channel) {
  const std::string_view elem = snapshot.strings[channel.elem_type];
  return "chan " + (elem.empty() ? "?" : printable(elem));
}

std::string channel_state(const Channel& channel) {
  if (!channel.settled) return "moving";
  std::string text = channel.closed ? "closed" : "open";
  return channel.timer ? text + ", timer" : text;
}

std::string channel_waiters(const analysis::ChannelRow& row) {
  std::string text;
  const auto add = [&](std::uint32_t count, std::string_view what) {
    if (count != 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_commas(count), what);
  };
  add(row.senders, "send");
  add(row.receivers, "recv");
  add(row.selects, "select");
  return text;
}

std::string channel_words(const Snapshot& snapshot, const Channel& channel) {
  return fmt::format("{}  {:#x}  {}/{}  {}", channel_type(snapshot, channel), channel.address,
                     with_commas(channel.length), with_commas(channel.capacity),
                     channel_state(channel));
}

std::vector<std::string> place_cells(const Snapshot& snapshot, snapshot::FrameId id) {
  if (id == kNone) return {"", ""};
  const snapshot::Frame& frame = snapshot.frames[id];
  const std::string file = printable(short_path(snapshot.strings[frame.file]));
  return {printable(short_function(snapshot.strings[frame.function])),
          frame.line == 0 ? file : fmt::format("{}:{}", file, frame.line)};
}

Table channel_table(const Snapshot& snapshot, std::string first_title, const Style& style,
                    Output& out) {
  const bool grown = snapshot.source.watched_ns > 0;
  return Table({{.title = "", .right = true, .ink = Ink::dim},
                {.title = std::move(first_title), .cut = Table::Cut::middle},
                {.title = "", .ink = Ink::cyan},
                {.title = "", .right = true},
                {.title = ""},
                {.title = "blocked", .right = true, .ink = Ink::bold},
                {.title = grown ? "growth" : "", .right = true},
                {.title = "longest", .ink = Ink::yellow},
                {.title = "waiting at", .cut = Table::Cut::function},
                {.title = "", .cut = Table::Cut::path, .optional = true, .ink = Ink::dim}},
               style, out);
}

void add_channel_row(Table& table, const Snapshot& snapshot, const analysis::ChannelRow& row,
                     std::size_t number) {
  const Channel& channel = snapshot.channels[row.channel];
  auto place = place_cells(snapshot, row.site);
  std::string growth;
  if (channel.waiters_before != kNone) {
    const auto before = static_cast<std::int64_t>(channel.waiters_before);
    const std::int64_t change = static_cast<std::int64_t>(row.waiters()) - before;
    growth = (change < 0 ? "-" : "+") + with_commas(static_cast<std::uint64_t>(std::abs(change)));
  }
  table.row({std::to_string(number), channel_type(snapshot, channel), hex(channel.address),
             fmt::format("{}/{}", with_commas(channel.length), with_commas(channel.capacity)),
             channel_state(channel), channel_waiters(row), std::move(growth),
             at_least(row.longest_wait_ns), std::move(place[0]), std::move(place[1])});
}

}  // namespace chanspect::report
