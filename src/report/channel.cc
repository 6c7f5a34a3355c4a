// `chanspect channel ADDR`: one channel whole, and whether anyone is on its other side.

#include <fmt/format.h>

#include <span>

#include "analysis/frames.h"
#include "analysis/words.h"
#include "report/channel_cells.h"
#include "report/json_parts.h"
#include "report/reports.h"
#include "report/surroundings.h"
#include "report/tsv.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using snapshot::Channel;
using snapshot::Direction;
using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Wait;

constexpr std::size_t kScreen = 12;  // of each queue

/// Both queues of a channel: indices into Snapshot::waits, front first. Of a channel that did not
/// hold still, those seen waiting on it, in no order.
struct Queues {
  std::vector<std::uint32_t> senders, receivers, unordered;
};

Queues queues_of(const Snapshot& snapshot, snapshot::ChannelId id) {
  const Channel& channel = snapshot.channels[id];
  const auto part = [&](std::uint32_t first, std::uint32_t count) {
    const auto begin = snapshot.queue.begin() + first;
    return std::vector<std::uint32_t>(begin, begin + count);
  };
  Queues queues{part(channel.first_sender, channel.sender_count),
                part(channel.first_receiver, channel.receiver_count),
                {}};
  if (!channel.settled && queues.senders.empty() && queues.receivers.empty())
    for (std::uint32_t i = 0; i < snapshot.waits.size(); ++i)
      if (snapshot.waits[i].channel == id) queues.unordered.push_back(i);
  return queues;
}

/// "118,000 goroutines send; nobody receives right now".
std::string picture(const Channel& channel, const Queues& queues) {
  const auto side = [](std::size_t count, std::string_view one, std::string_view many) {
    return count == 0 ? fmt::format("nobody {}", one)
                      : fmt::format("{} {}", plural(count, "goroutine"), count == 1 ? one : many);
  };
  if (!channel.settled)
    return "the channel moved at every look: its queues cannot be told in order";
  std::string text = queues.senders.size() >= queues.receivers.size()
                         ? side(queues.senders.size(), "sends", "send") + "; " +
                               side(queues.receivers.size(), "receives", "receive")
                         : side(queues.receivers.size(), "receives", "receive") + "; " +
                               side(queues.senders.size(), "sends", "send");
  text += " right now";
  if (channel.timer) return text + "; a timer of the runtime sends on it";
  if (channel.capacity == 0) return text + " (no buffer)";
  if (channel.length == channel.capacity) return text + " (the buffer is full)";
  return text + (channel.length == 0 ? " (the buffer is empty)" : "");
}

void print_fields(const Snapshot& snapshot, const Channel& channel, const Style& style,
                  Output& out) {
  const auto field = [&](std::string_view name, const std::string& value) {
    out.write(fmt::format("  {:<11}{}\n", name, inked(value, Ink::plain, style)));
  };
  out.write(inked(channel_words(snapshot, channel), Ink::bold, style) + "\n");
  field("qcount", with_commas(channel.length));
  field("dataqsiz", with_commas(channel.capacity));
  const std::string_view elem = snapshot.strings[channel.elem_type];
  field("elemtype", fmt::format("{}  {:#x}  ({} bytes)", elem.empty() ? "?" : printable(elem),
                                channel.elem_type_address, with_commas(channel.elem_size)));
  field("buf", hex(channel.buffer));
  field("sendx", with_commas(channel.send_index));
  field("recvx", with_commas(channel.receive_index));
  field("closed", channel.closed ? "yes" : "no");
  field("lock", channel.lock == 0 ? "free" : fmt::format("held ({:#x})", channel.lock));
}

void print_queue(const Snapshot& snapshot, std::span<const std::uint32_t> queue,
                 std::string_view name, std::string_view command, const Style& style, Output& out) {
  if (queue.empty()) return;
  if (!style.quiet)
    out.write(fmt::format("\n{}, front first: {}\n", name, plural(queue.size(), "goroutine")));
  Table table({{.title = "", .right = true, .ink = Ink::dim},
               {.title = "goroutine", .right = true, .ink = Ink::bold},
               {.title = "in"},
               {.title = "wait", .ink = Ink::yellow},
               {.title = "waiting at", .cut = Table::Cut::function},
               {.title = "", .cut = Table::Cut::path, .optional = true, .ink = Ink::dim}},
              style, out);
  const std::size_t shown = rows_to_print(style, queue.size(), kScreen);
  for (std::size_t i = 0; i < shown; ++i) {
    const Wait& wait = snapshot.waits[queue[i]];
    const Goroutine& goroutine = snapshot.goroutines[wait.goroutine];
    auto place = place_cells(snapshot, analysis::site_of(snapshot, goroutine.stack));
    table.row({std::to_string(i + 1), std::to_string(goroutine.id),
               wait.select ? fmt::format("select ({})", command) : std::string(command),
               at_least(goroutine.wait_ns), std::move(place[0]), std::move(place[1])});
  }
  table.finish();
  print_left_out(shown, queue.size(), style, out);
}

void print_text(const Snapshot& snapshot, snapshot::ChannelId id, const Style& style, Output& out) {
  const Channel& channel = snapshot.channels[id];
  const Queues queues = queues_of(snapshot, id);
  print_heading(snapshot, style, out);
  out.write(picture(channel, queues) + "\n\n");
  print_fields(snapshot, channel, style, out);
  print_queue(snapshot, queues.senders, "sendq", "send", style, out);
  print_queue(snapshot, queues.receivers, "recvq", "receive", style, out);
  print_queue(snapshot, queues.unordered, "seen waiting", "wait", style, out);
  if (!style.quiet) out.write("\n");
  print_remarks(snapshot, style, out);
  const auto& any = !queues.senders.empty()     ? queues.senders
                    : !queues.receivers.empty() ? queues.receivers
                                                : queues.unordered;
  if (!any.empty())
    print_next(fmt::format("chanspect stack {} {}", target_word(snapshot),
                           snapshot.goroutines[snapshot.waits[any.front()].goroutine].id),
               "the stack of the goroutine in front", style, out);
}

/// Calls `each(wait, queue's name, place from 1)`.
template <class Each>
void for_each_waiter(const Snapshot& snapshot, const Queues& queues, Each each) {
  const auto walk = [&](std::span<const std::uint32_t> queue, std::string_view name) {
    for (std::size_t i = 0; i < queue.size(); ++i) each(snapshot.waits[queue[i]], name, i + 1);
  };
  walk(queues.senders, "sendq");
  walk(queues.receivers, "recvq");
  walk(queues.unordered, "");
}

void print_tsv(const Snapshot& snapshot, snapshot::ChannelId id, const Style& style, Output& out) {
  Tsv tsv({"channel_addr", "queue", "position", "goroutine_id", "direction", "select",
           "duration_seconds", "function", "file", "line", "sudog", "elem"},
          out);
  std::size_t left = style.limit == 0 ? kNoLimit : style.limit;
  for_each_waiter(snapshot, queues_of(snapshot, id),
                  [&](const Wait& wait, std::string_view queue, std::size_t position) {
                    if (left == 0) return;
                    --left;
                    const Goroutine& goroutine = snapshot.goroutines[wait.goroutine];
                    tsv.address(snapshot.channels[id].address).text(queue);
                    if (queue.empty())
                      tsv.unknown();
                    else
                      tsv.number(position);
                    tsv.number(goroutine.id).text(analysis::name_of(wait.direction));
                    tsv.flag(wait.select).seconds(goroutine.wait_ns);
                    tsv.place(snapshot, analysis::site_of(snapshot, goroutine.stack));
                    tsv.address(wait.sudog).address(wait.elem).end();
                  });
}

void write_queue(Json& json, const Snapshot& snapshot, std::span<const std::uint32_t> queue) {
  json.open_array();
  for (const std::uint32_t index : queue) {
    const Wait& wait = snapshot.waits[index];
    json.next_line();
    json.open_object();
    json.key("direction");
    if (wait.direction == Direction::unknown)
      json.null();
    else
      json.text(analysis::name_of(wait.direction));
    json.key("select").flag(wait.select);
    json.key("sudog").address(wait.sudog);
    json.key("elem").address(wait.elem);
    json.key("goroutine");
    write_goroutine(json, snapshot, snapshot.goroutines[wait.goroutine], false);
    json.close_object();
  }
  json.close_array();
}

void print_json(const Snapshot& snapshot, snapshot::ChannelId id, const Style& style, Output& out) {
  const Channel& channel = snapshot.channels[id];
  const Queues queues = queues_of(snapshot, id);
  Json json(out);
  begin_document(json, snapshot, "channel");
  json.key("channel").open_object();
  write_channel_fields(json, snapshot, id);
  json.key("elem_type_address").address(channel.elem_type_address);
  json.key("elem_size").number(channel.elem_size);
  json.key("buffer").address(channel.buffer);
  json.key("send_index").number(channel.send_index);
  json.key("receive_index").number(channel.receive_index);
  json.key("lock").number(channel.lock);
  json.key("picture").text(picture(channel, queues));
  const auto queue = [&](std::string_view name, std::span<const std::uint32_t> all) {
    json.next_line();
    json.key(name).open_object();
    json.key("total").number(all.size());
    json.key("waiters");
    write_queue(json, snapshot, all.first(rows_to_print(style, all.size(), kScreen)));
    json.close_object();
  };
  queue("senders", queues.senders);
  queue("receivers", queues.receivers);
  queue("unordered", queues.unordered);
  json.close_object();
  end_document(json);
}

std::unexpected<Error> no_such_channel(const Snapshot& snapshot, snapshot::Address address) {
  const std::size_t count = snapshot.channels.size();
  return fail(ErrorCode::usage, fmt::format("nobody waits on a channel at {:#x}", address),
              count == 0 ? "no goroutine waits on any channel"
                         : fmt::format("goroutines wait on {}", plural(count, "other channel")),
              fmt::format("chanspect channels {}", target_word(snapshot)));
}

}  // namespace

Result<void> print_channel(const Snapshot& snapshot, snapshot::Address address, const Style& style,
                           Output& out) {
  const auto id = analysis::find_channel(snapshot, address);
  if (!id) return no_such_channel(snapshot, address);
  switch (style.format) {
    case Format::tsv:
      print_tsv(snapshot, *id, style, out);
      break;
    case Format::json:
      print_json(snapshot, *id, style, out);
      break;
    case Format::text:
      print_text(snapshot, *id, style, out);
  }
  return out.finish();
}

}  // namespace chanspect::report
