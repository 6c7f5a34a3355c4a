// Channels and their queues, put together from the waits of the rows.

#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>
#include <optional>

#include "capture/address_index.h"
#include "capture/channel_reading.h"
#include "capture/gather.h"
#include "capture/look.h"
#include "capture/parallel.h"

namespace chanspect::capture {
namespace {

using snapshot::ChannelId;

constexpr std::size_t kChannelsAtOnce = 4096;
constexpr std::size_t kWaitsAtOnce = 1 << 15;

std::size_t parts_of(std::size_t waits) {
  return (waits + kWaitsAtOnce - 1) / kWaitsAtOnce;
}

/// Calls `work(part, waits)` for each part of the waits, several at a time.
Result<void> for_each_part(
    Look& look, const std::function<void(std::size_t, std::span<snapshot::Wait>)>& work) {
  const std::span waits(look.snapshot.waits);
  return for_each_in_parallel(
      look.workers, parts_of(waits.size()), [&](unsigned, std::size_t part) -> Result<void> {
        const std::size_t begin = part * kWaitsAtOnce;
        work(part, waits.subspan(begin, std::min(kWaitsAtOnce, waits.size() - begin)));
        return {};
      });
}

/// Gives the waits their channels' numbers; channels ascend by address. Each part of the waits
/// numbers its own channels first, so that only as many are numbered in one place as there are.
Result<void> number_channels(Look& look) {
  std::vector<std::vector<Address>> met(parts_of(look.snapshot.waits.size()));
  CS_CHECK(for_each_part(look, [&](std::size_t part, std::span<snapshot::Wait> waits) {
    AddressIndex index(waits.size() / 4);
    for (snapshot::Wait& wait : waits)
      if (wait.channel != snapshot::kNone) wait.channel = index.add(wait.object);
    met[part] = index.addresses();
  }));

  std::vector<Address> addresses;
  for (const auto& some : met) addresses.insert(addresses.end(), some.begin(), some.end());
  std::ranges::sort(addresses);
  const auto repeated = std::ranges::unique(addresses);
  addresses.erase(repeated.begin(), repeated.end());
  look.snapshot.channels.resize(addresses.size());
  for (std::size_t id = 0; id < addresses.size(); ++id)
    look.snapshot.channels[id].address = addresses[id];

  return for_each_part(look, [&](std::size_t part, std::span<snapshot::Wait> waits) {
    std::vector<ChannelId> id_of;
    for (const Address address : met[part])
      id_of.push_back(
          static_cast<ChannelId>(std::ranges::lower_bound(addresses, address) - addresses.begin()));
    for (snapshot::Wait& wait : waits)
      if (wait.channel != snapshot::kNone) wait.channel = id_of[wait.channel];
  });
}

/// Reads the fields of all channels into the snapshot; the readings are kept for the queues.
Result<std::vector<ChannelReading>> read_channels(Look& look) {
  auto& channels = look.snapshot.channels;
  std::vector<ChannelReading> readings(channels.size());
  const go::HchanLayout& layout = look.runtime->layout.hchan;
  CS_CHECK(for_each_in_parallel(
      look.workers, (channels.size() + kChannelsAtOnce - 1) / kChannelsAtOnce,
      [&](unsigned, std::size_t part) -> Result<void> {
        const std::size_t begin = part * kChannelsAtOnce;
        const std::size_t end = std::min(begin + kChannelsAtOnce, channels.size());
        Gather gather(*look.runtime->memory);
        for (std::size_t i = begin; i < end; ++i) gather.add(channels[i].address, layout.size);
        CS_CHECK(gather.read());
        for (std::size_t i = begin; i < end; ++i)
          readings[i] = parse_channel(gather[static_cast<Gather::Piece>(i - begin)], layout);
        return {};
      }));
  for (std::size_t i = 0; i < channels.size(); ++i) fill_channel(channels[i], readings[i]);
  return readings;
}

/// The waits on each channel, side by side: those of channel c are
/// [starts[c], starts[c + 1]) of `waits`.
struct WaitsByChannel {
  std::vector<std::uint32_t> waits, starts;
};

/// In no order within a channel.
Result<WaitsByChannel> group_by_channel(Look& look) {
  WaitsByChannel groups;
  std::vector<std::uint32_t>& starts = groups.starts;
  starts.assign(look.snapshot.channels.size() + 1, 0);
  CS_CHECK(for_each_part(look, [&](std::size_t, std::span<snapshot::Wait> waits) {
    for (const snapshot::Wait& wait : waits)
      if (wait.channel != snapshot::kNone)
        std::atomic_ref(starts[wait.channel + 1]).fetch_add(1, std::memory_order_relaxed);
  }));
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  groups.waits.resize(starts.back());
  std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
  CS_CHECK(for_each_part(look, [&](std::size_t part, std::span<snapshot::Wait> waits) {
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].channel == snapshot::kNone) continue;
      std::atomic_ref place(next[waits[i].channel]);
      groups.waits[place.fetch_add(1, std::memory_order_relaxed)] =
          static_cast<std::uint32_t>(part * kWaitsAtOnce + i);
    }
  }));
  return groups;
}

/// Follows one queue from sudog to sudog through the waits read so far, and notes them in
/// snapshot.queue, which has `room` for it from `to` on. Returns how many; nothing when it leads
/// out of them, or to one that was read while the channel looked different.
std::optional<std::uint32_t> walk_queue(Look& look, std::span<const std::uint32_t> group,
                                        const ChannelReading& channel,
                                        snapshot::Direction direction, std::uint32_t to,
                                        std::uint32_t room) {
  auto& snapshot = look.snapshot;
  const bool receives = direction == snapshot::Direction::receive;
  const Address last = receives ? channel.recvq_last : channel.sendq_last;
  const auto by_sudog = [&](std::uint32_t i) { return snapshot.waits[i].sudog; };
  Address previous = 0;
  std::uint32_t steps = 0;
  for (Address at = receives ? channel.recvq_first : channel.sendq_first; at != 0; ++steps) {
    const auto found = std::ranges::lower_bound(group, at, {}, by_sudog);
    if (found == group.end() || by_sudog(*found) != at || steps >= room) return std::nullopt;
    if (look.plan.verify && look.links[*found].channel_hash != channel.hash) return std::nullopt;
    snapshot.waits[*found].direction = direction;
    snapshot.queue[to + steps] = *found;
    previous = at;
    at = look.links[*found].next;
  }
  if (previous != last) return std::nullopt;
  return steps;
}

/// True when the channel and those who wait on it agree. Its queues lie from `first` on.
bool build_queues(Look& look, ChannelId id, std::span<std::uint32_t> group,
                  const ChannelReading& reading, std::uint32_t first) {
  snapshot::Channel& channel = look.snapshot.channels[id];
  const auto by_sudog = [&](std::uint32_t i) { return look.snapshot.waits[i].sudog; };
  if (!std::ranges::is_sorted(group, {}, by_sudog)) std::ranges::sort(group, {}, by_sudog);
  channel.first_receiver = channel.first_sender = first;
  channel.settled = false;
  if (!reading.readable || reading.closed || reading.locked()) return false;
  const auto count = static_cast<std::uint32_t>(group.size());
  const auto receivers =
      walk_queue(look, group, reading, snapshot::Direction::receive, first, count);
  if (!receivers) return false;
  const auto senders = walk_queue(look, group, reading, snapshot::Direction::send,
                                  first + *receivers, count - *receivers);
  if (!senders || *receivers + *senders != count) return false;
  channel.receiver_count = *receivers;
  channel.first_sender = first + *receivers;
  channel.sender_count = *senders;
  channel.settled = true;
  return true;
}

}  // namespace

Result<std::vector<ChannelId>> link_channels(Look& look) {
  CS_CHECK(number_channels(look));
  CS_TRY(const auto readings, read_channels(look));
  CS_TRY(WaitsByChannel groups, group_by_channel(look));

  look.snapshot.queue.resize(groups.waits.size());
  std::vector<std::uint8_t> settled(readings.size());
  CS_CHECK(for_each_in_parallel(
      look.workers, (readings.size() + kChannelsAtOnce - 1) / kChannelsAtOnce,
      [&](unsigned, std::size_t part) -> Result<void> {
        const std::size_t end = std::min((part + 1) * kChannelsAtOnce, readings.size());
        for (std::size_t id = part * kChannelsAtOnce; id < end; ++id) {
          const std::uint32_t first = groups.starts[id];
          const std::span group(groups.waits.data() + first, groups.starts[id + 1] - first);
          settled[id] = build_queues(look, static_cast<ChannelId>(id), group, readings[id], first);
        }
        return {};
      }));
  std::vector<ChannelId> unsettled;
  for (ChannelId id = 0; id < settled.size(); ++id)
    if (settled[id] == 0) unsettled.push_back(id);
  return unsettled;
}

}  // namespace chanspect::capture
