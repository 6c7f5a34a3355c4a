// Channels and their queues, put together from the waits of the rows.

#include <algorithm>
#include <numeric>

#include "capture/address_index.h"
#include "capture/channel_reading.h"
#include "capture/gather.h"
#include "capture/look.h"
#include "capture/parallel.h"

namespace chanspect::capture {
namespace {

using snapshot::ChannelId;

constexpr std::size_t kChannelsAtOnce = 4096;

/// Gives the waits their channels' numbers; channels ascend by address.
void number_channels(Look& look) {
  auto& waits = look.snapshot.waits;
  AddressIndex index(waits.size() / 4);
  for (snapshot::Wait& wait : waits)
    if (wait.channel != snapshot::kNone) wait.channel = index.add(wait.object);

  const auto& addresses = index.addresses();
  std::vector<std::uint32_t> order(addresses.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return addresses[i]; });
  std::vector<ChannelId> id_of(addresses.size());
  look.snapshot.channels.resize(addresses.size());
  for (std::uint32_t id = 0; id < order.size(); ++id) {
    id_of[order[id]] = id;
    look.snapshot.channels[id].address = addresses[order[id]];
  }
  for (snapshot::Wait& wait : waits)
    if (wait.channel != snapshot::kNone) wait.channel = id_of[wait.channel];
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
/// [starts[c], starts[c + 1]) of `waits`, ascending by sudog.
struct WaitsByChannel {
  std::vector<std::uint32_t> waits, starts;
};

WaitsByChannel group_by_channel(const snapshot::Snapshot& snapshot) {
  WaitsByChannel groups;
  groups.starts.assign(snapshot.channels.size() + 1, 0);
  for (const auto& wait : snapshot.waits)
    if (wait.channel != snapshot::kNone) ++groups.starts[wait.channel + 1];
  std::partial_sum(groups.starts.begin(), groups.starts.end(), groups.starts.begin());
  groups.waits.resize(groups.starts.back());
  std::vector<std::uint32_t> next(groups.starts.begin(), groups.starts.end() - 1);
  for (std::uint32_t i = 0; i < snapshot.waits.size(); ++i)
    if (const ChannelId c = snapshot.waits[i].channel; c != snapshot::kNone)
      groups.waits[next[c]++] = i;
  return groups;
}

/// Follows one queue from sudog to sudog through the waits read so far. False when it leads out of
/// them, or to one that was read while the channel looked different.
bool walk_queue(Look& look, std::span<const std::uint32_t> group, const ChannelReading& channel,
                snapshot::Direction direction) {
  auto& snapshot = look.snapshot;
  const bool receives = direction == snapshot::Direction::receive;
  const Address last = receives ? channel.recvq_last : channel.sendq_last;
  Address previous = 0;
  std::size_t steps = 0;
  for (Address at = receives ? channel.recvq_first : channel.sendq_first; at != 0;) {
    const auto by_sudog = [&](std::uint32_t i) { return snapshot.waits[i].sudog; };
    const auto found = std::ranges::lower_bound(group, at, {}, by_sudog);
    if (found == group.end() || by_sudog(*found) != at || ++steps > group.size()) return false;
    if (look.plan.verify && look.links[*found].channel_hash != channel.hash) return false;
    snapshot.waits[*found].direction = direction;
    snapshot.queue.push_back(*found);
    previous = at;
    at = look.links[*found].next;
  }
  return previous == last;
}

bool build_queues(Look& look, ChannelId id, std::span<const std::uint32_t> group,
                  const ChannelReading& reading) {
  snapshot::Channel& channel = look.snapshot.channels[id];
  auto& queue = look.snapshot.queue;
  const std::size_t begin = queue.size();
  bool whole = reading.readable && !reading.closed && !reading.locked() &&
               walk_queue(look, group, reading, snapshot::Direction::receive);
  channel.first_receiver = static_cast<std::uint32_t>(begin);
  channel.receiver_count = static_cast<std::uint32_t>(queue.size() - begin);
  channel.first_sender = static_cast<std::uint32_t>(queue.size());
  whole = whole && walk_queue(look, group, reading, snapshot::Direction::send);
  channel.sender_count = static_cast<std::uint32_t>(queue.size()) - channel.first_sender;
  whole = whole && queue.size() - begin == group.size();
  if (whole) return true;
  queue.resize(begin);
  channel.receiver_count = channel.sender_count = 0;
  channel.settled = false;
  return false;
}

}  // namespace

Result<std::vector<ChannelId>> link_channels(Look& look) {
  number_channels(look);
  CS_TRY(const auto readings, read_channels(look));
  WaitsByChannel groups = group_by_channel(look.snapshot);

  std::vector<ChannelId> unsettled;
  look.snapshot.queue.reserve(groups.waits.size());
  for (ChannelId id = 0; id < readings.size(); ++id) {
    const std::span group(groups.waits.begin() + groups.starts[id],
                          groups.waits.begin() + groups.starts[id + 1]);
    const auto by_sudog = [&](std::uint32_t i) { return look.snapshot.waits[i].sudog; };
    if (!std::ranges::is_sorted(group, {}, by_sudog)) std::ranges::sort(group, {}, by_sudog);
    if (!build_queues(look, id, group, readings[id])) unsettled.push_back(id);
  }
  return unsettled;
}

}  // namespace chanspect::capture
