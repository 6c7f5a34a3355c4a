// From the harvesters' numbers to a snapshot that stands alone.

#include <algorithm>
#include <numeric>

#include "capture/bubbles.h"
#include "capture/labels.h"
#include "capture/labels_held.h"
#include "capture/locks.h"
#include "capture/look.h"
#include "capture/parallel.h"
#include "capture/timers.h"
#include "go/type_names.h"

namespace chanspect::capture {
namespace {

using snapshot::kNone;

/// The `go` statement behind a g.gopc, as traceback.go's printcreatedby1 tells it: the function
/// that was compiled, with the line of the innermost one inlined there.
snapshot::FrameId add_creator(Look& look, Address gopc) {
  const go::FunctionTable& functions = *look.runtime->functions;
  const auto function = functions.find(gopc);
  if (!function) return kNone;
  const Address at = gopc > function->entry ? gopc - 1 : gopc;
  const auto frames = functions.source_frames(*function, at);
  snapshot::Frame& frame = look.snapshot.frames.emplace_back();
  frame.pc = gopc;
  frame.function = look.snapshot.strings.add(function->name);
  frame.offset = static_cast<std::uint32_t>(gopc - function->entry);
  frame.runtime = function->name.starts_with("runtime.");
  if (!frames.empty()) {
    frame.file = look.snapshot.strings.add(frames.front().file);
    frame.line = frames.front().line;
  }
  return static_cast<snapshot::FrameId>(look.snapshot.frames.size() - 1);
}

/// By harvester: what its numbers are in the snapshot.
struct Names {
  std::vector<std::vector<std::uint32_t>> stacks, creators, labels, bubbles;
};

Result<Names> collect_names(Look& look) {
  Names names;
  std::unordered_map<Address, snapshot::FrameId> frame_of;
  for (const auto& harvester : look.harvesters) {
    names.stacks.push_back(harvester->stacks().add_to(look.snapshot));
    auto& creators = names.creators.emplace_back();
    for (const Address gopc : harvester->creators().values()) {
      const auto [entry, is_new] = frame_of.try_emplace(gopc, kNone);
      if (is_new) entry->second = add_creator(look, gopc);
      creators.push_back(entry->second);
    }
    CS_TRY(auto labels, read_labels(*look.runtime, harvester->labels().values(), look.snapshot));
    names.labels.push_back(std::move(labels));
    CS_TRY(auto bubbles, read_bubbles(*look.runtime, harvester->bubbles().values(), look.snapshot));
    names.bubbles.push_back(std::move(bubbles));
  }
  return names;
}

Result<void> name_rows(Look& look) {
  CS_TRY(const Names names, collect_names(look));
  CS_TRY(const auto let_go, rows_with_labels_let_go(look));
  for (const std::uint32_t row : let_go) {
    look.snapshot.goroutines[row].labels = kNone;
    look.snapshot.goroutines[row].settled = false;  // it has moved on, so it was not stuck
  }
  const auto rename = [](std::uint32_t& number, const std::vector<std::uint32_t>& ids) {
    if (number != kNone) number = number < ids.size() ? ids[number] : kNone;
  };
  auto& rows = look.snapshot.goroutines;
  return for_each_in_parallel(
      look.workers, (rows.size() + Look::kStretch - 1) / Look::kStretch,
      [&](unsigned, std::size_t part) -> Result<void> {
        const std::size_t end = std::min((part + 1) * Look::kStretch, rows.size());
        for (std::size_t i = part * Look::kStretch; i < end; ++i) {
          const std::uint32_t harvester = look.harvester_number(static_cast<std::uint32_t>(i));
          rename(rows[i].stack, names.stacks[harvester]);
          rename(rows[i].creator, names.creators[harvester]);
          rename(rows[i].labels, names.labels[harvester]);
          rename(rows[i].bubble, names.bubbles[harvester]);
        }
        return {};
      });
}

Result<void> name_types(Look& look) {
  std::unordered_map<Address, StringId> name_of;
  for (snapshot::Channel& channel : look.snapshot.channels) {
    const auto [entry, is_new] = name_of.try_emplace(channel.elem_type_address, 0);
    if (is_new && channel.elem_type_address != 0) {
      const auto name = go::type_name(*look.runtime->memory, look.runtime->functions->modules(),
                                      channel.elem_type_address);
      if (name) {
        entry->second = look.snapshot.strings.add(*name);
      } else if (name.error().code == ErrorCode::gone) {
        return std::unexpected(name.error());
      }
    }
    channel.elem_type = entry->second;
  }
  return {};
}

/// Leaves out rows of no goroutine. One that never held still waits for nothing that could be told.
void drop_dead_rows(RawVector<snapshot::Goroutine>& rows) {
  std::erase_if(rows, [](const auto& row) { return row.status == snapshot::Status::dead; });
  for (snapshot::Goroutine& row : rows)
    if (!row.settled) row.wait_count = 0;
}

/// The waits lie in the order of their rows, and each is some row's: so it is where no row was read
/// again, which has its waits behind the others'.
bool waits_in_place(const snapshot::Snapshot& snapshot) {
  std::uint32_t end = 0;
  for (const snapshot::Goroutine& row : snapshot.goroutines) {
    if (row.wait_count != 0 && row.first_wait != end) return false;
    end += row.wait_count;
  }
  return end == snapshot.waits.size();
}

/// Leaves out waits that no row has any more, and puts the waits of each row side by side in the
/// rows' order. Returns the new place of each wait.
std::vector<std::uint32_t> order_waits(snapshot::Snapshot& snapshot) {
  std::vector<std::uint32_t> place(snapshot.waits.size(), kNone);
  RawVector<snapshot::Wait> ordered;
  ordered.reserve(snapshot.waits.size());
  for (snapshot::Goroutine& row : snapshot.goroutines) {
    const std::uint32_t first =
        std::exchange(row.first_wait, static_cast<std::uint32_t>(ordered.size()));
    for (std::uint32_t wait = first; wait < first + row.wait_count; ++wait) {
      place[wait] = static_cast<std::uint32_t>(ordered.size());
      ordered.push_back(snapshot.waits[wait]);
    }
  }
  snapshot.waits.swap(ordered);
  return place;
}

/// Tells the waits whose they are, now that the rows have their places.
Result<void> number_waits(Look& look) {
  auto& snapshot = look.snapshot;
  const auto& rows = snapshot.goroutines;
  return for_each_in_parallel(
      look.workers, (rows.size() + Look::kStretch - 1) / Look::kStretch,
      [&](unsigned, std::size_t part) -> Result<void> {
        const std::size_t end = std::min((part + 1) * Look::kStretch, rows.size());
        for (std::size_t i = part * Look::kStretch; i < end; ++i)
          for (std::uint32_t wait = 0; wait < rows[i].wait_count; ++wait)
            snapshot.waits[rows[i].first_wait + wait].goroutine = static_cast<std::uint32_t>(i);
        return {};
      });
}

/// Sorts in the channels that were met late, and closes the gaps in their queues. A channel in
/// whose queue somebody is missing is no longer whole.
void order_channels(Look& look, const std::vector<std::uint32_t>& wait_place) {
  auto& snapshot = look.snapshot;
  std::vector<snapshot::ChannelId> order(snapshot.channels.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto address = [&](snapshot::ChannelId id) { return snapshot.channels[id].address; };
  if (!std::ranges::is_sorted(order, {}, address)) std::ranges::sort(order, {}, address);

  std::vector<snapshot::Channel> channels;
  channels.reserve(order.size());
  std::vector<std::uint32_t> queue;
  queue.reserve(snapshot.queue.size());
  std::vector<snapshot::ChannelId> id_of(order.size());
  const auto take = [&](std::uint32_t& first, std::uint32_t& count) {
    const auto begin = static_cast<std::uint32_t>(queue.size());
    for (std::uint32_t i = first; i < first + count; ++i)
      if (const std::uint32_t place = wait_place[snapshot.queue[i]]; place != kNone)
        queue.push_back(place);
    const auto taken = static_cast<std::uint32_t>(queue.size()) - begin;
    const bool whole = taken == count;
    first = begin;
    count = taken;
    return whole;
  };
  for (const snapshot::ChannelId id : order) {
    snapshot::Channel channel = snapshot.channels[id];
    const bool receivers = take(channel.first_receiver, channel.receiver_count);
    const bool senders = take(channel.first_sender, channel.sender_count);
    channel.settled = channel.settled && receivers && senders;
    id_of[id] = static_cast<snapshot::ChannelId>(channels.size());
    channels.push_back(channel);
  }
  snapshot.channels.swap(channels);
  snapshot.queue.swap(queue);
  for (snapshot::Wait& wait : snapshot.waits)
    if (wait.channel != kNone) wait.channel = id_of[wait.channel];
}

void count_unsettled(snapshot::Snapshot& snapshot) {
  const auto count = [](const auto& items) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(items, [](const auto& item) { return !item.settled; }));
  };
  snapshot.completeness.channels_unsettled = count(snapshot.channels);
  snapshot.completeness.unsettled = count(snapshot.goroutines);
}

}  // namespace

Result<void> finish(Look& look) {
  look.links = {};
  CS_CHECK(name_rows(look));
  look.harvesters.clear();
  mark_durable_waits(*look.runtime, look.snapshot);
  drop_dead_rows(look.snapshot.goroutines);
  if (!waits_in_place(look.snapshot)) {
    const auto wait_place = order_waits(look.snapshot);
    order_channels(look, wait_place);
  }
  CS_CHECK(number_waits(look));
  count_unsettled(look.snapshot);
  CS_CHECK(name_types(look));
  CS_CHECK(mark_timer_channels(*look.runtime, look.snapshot));
  CS_CHECK(name_locks(*look.runtime, look.snapshot));
  return {};
}

}  // namespace chanspect::capture
