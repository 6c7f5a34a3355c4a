#include "analysis/channels.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "analysis/frames.h"
#include "analysis/sites.h"

namespace chanspect::analysis {
namespace {

using snapshot::Channel;
using snapshot::ChannelId;
using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;
using snapshot::Wait;
using snapshot::WaitKind;

/// What one pass over the goroutines gathers for each channel: a cache line.
struct alignas(64) Tally {
  std::uint32_t senders = 0;
  std::uint32_t receivers = 0;
  std::uint32_t selects = 0;
  std::uint32_t last_goroutine = kNone;  ///< a select may name a channel twice: count it once
  std::uint64_t oldest_goroutine = ~std::uint64_t{0};
  std::int64_t longest_wait_ns = snapshot::kUnknown;
  bool user = false;         ///< a goroutine that is not the runtime's own waits
  bool at_function = false;  ///< one whose stack has the function asked for

  std::uint32_t waiters() const { return senders + receivers + selects; }
};

/// A goroutine on a channel, and where it waits. Kept small: the later passes read only these.
struct Presence {
  ChannelId channel = kNone;
  FrameId site = kNone;
};

struct Tallies {
  std::vector<Tally> by_channel;
  std::vector<Presence> presences;  ///< in the order of the goroutines
};

void count(Tally& tally, const Goroutine& goroutine, const Wait& wait) {
  if (wait.select)
    ++tally.selects;
  else if (goroutine.kind == WaitKind::chan_send)
    ++tally.senders;
  else
    ++tally.receivers;
  tally.oldest_goroutine = std::min(tally.oldest_goroutine, goroutine.id);
  tally.longest_wait_ns = std::max(tally.longest_wait_ns, goroutine.wait_ns);
  tally.user |= !goroutine.system;
}

/// The one pass over all goroutines and waits, in the order in which they lie in memory.
Tallies tally_channels(const Snapshot& snapshot, const std::string& at_function) {
  constexpr std::size_t kAhead = 16;
  const std::vector<FrameId> sites = sites_by_stack(snapshot);
  std::vector<std::uint8_t> marked;
  if (!at_function.empty()) marked = stacks_with(snapshot, frames_naming(snapshot, {at_function}));

  Tallies tallies;
  tallies.by_channel.resize(snapshot.channels.size());
  tallies.presences.reserve(snapshot.waits.size());
  for (std::uint32_t i = 0; i < snapshot.goroutines.size(); ++i) {
    const Goroutine& goroutine = snapshot.goroutines[i];
    if (goroutine.wait_count == 0 || !goroutine.settled) continue;
    const FrameId site = goroutine.stack == kNone ? kNone : sites[goroutine.stack];
    for (std::uint32_t w = 0; w < goroutine.wait_count; ++w) {
      const Wait& wait = snapshot.waits[goroutine.first_wait + w];
      // Channels come in no order: fetched a few waits ahead, a tally is there when it is due.
      const std::size_t later = goroutine.first_wait + w + kAhead;
      if (later < snapshot.waits.size() && snapshot.waits[later].channel != kNone)
        __builtin_prefetch(&tallies.by_channel[snapshot.waits[later].channel]);
      if (wait.channel == kNone) continue;
      Tally& tally = tallies.by_channel[wait.channel];
      if (tally.last_goroutine == i) continue;
      tally.last_goroutine = i;
      count(tally, goroutine, wait);
      if (!marked.empty() && goroutine.stack != kNone && marked[goroutine.stack] != 0)
        tally.at_function = true;
      tallies.presences.push_back({wait.channel, site});
    }
  }
  return tallies;
}

bool wanted(const Snapshot& snapshot, const ChannelQuery& query, ChannelId id, const Tally& tally) {
  if (tally.waiters() < std::max(query.min_waiters, 1U)) return false;
  if (query.older_than_ns > 0 && tally.longest_wait_ns < query.older_than_ns) return false;
  if (!query.with_system && !tally.user) return false;
  if (!query.at_function.empty() && !tally.at_function) return false;
  const Channel& channel = snapshot.channels[id];
  if (query.unclosed_only && channel.closed) return false;
  if (!query.with_timers && channel.timer) return false;
  return query.elem_type.empty() ||
         snapshot.strings[channel.elem_type].find(query.elem_type) != std::string_view::npos;
}

/// The sites of the goroutines on each channel, side by side: those of channel c are
/// [starts[c], starts[c + 1]) of `sites`.
struct SitesByChannel {
  std::vector<FrameId> sites;
  std::vector<std::uint32_t> starts;

  explicit SitesByChannel(const Tallies& tallies)
      : sites(tallies.presences.size()), starts(tallies.by_channel.size() + 1) {
    for (std::size_t c = 0; c < tallies.by_channel.size(); ++c)
      starts[c + 1] = starts[c] + tallies.by_channel[c].waiters();
    std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
    for (const Presence& presence : tallies.presences)
      sites[next[presence.channel]++] = presence.site;
  }
  std::span<const FrameId> of(ChannelId c) const {
    return std::span(sites).subspan(starts[c], starts[c + 1] - starts[c]);
  }
};

/// The number by which an order sorts, the smallest first. Equal ones stay in order of address.
std::uint64_t sort_key(ChannelOrder order, const ChannelRow& row) {
  const std::uint64_t age = ~static_cast<std::uint64_t>(row.longest_wait_ns + 1);
  switch (order) {
    case ChannelOrder::waiters:
      return ~std::uint64_t{row.waiters()};
    case ChannelOrder::age:
      return age;
    case ChannelOrder::oldest:
      return row.oldest_goroutine;
    case ChannelOrder::address:
      break;
  }
  return 0;
}

/// Sorts small keys instead of whole rows, which are several times as large.
void sort_rows(std::vector<ChannelRow>& rows, ChannelOrder order) {
  if (order == ChannelOrder::address) return;
  struct Key {
    std::uint64_t first = 0;
    std::uint32_t row = 0;
  };
  std::vector<Key> keys(rows.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) keys[i] = {sort_key(order, rows[i]), i};
  std::ranges::stable_sort(keys, {}, &Key::first);
  std::vector<ChannelRow> sorted(rows.size());
  std::ranges::transform(keys, sorted.begin(), [&](const Key& key) { return rows[key.row]; });
  rows = std::move(sorted);
}

}  // namespace

std::vector<ChannelRow> list_channels(const Snapshot& snapshot, const ChannelQuery& query) {
  const Tallies tallies = tally_channels(snapshot, query.at_function);
  const SitesByChannel sites(tallies);
  SiteCounter counter(snapshot);
  std::vector<ChannelRow> rows;
  rows.reserve(snapshot.channels.size());
  for (ChannelId id = 0; id < snapshot.channels.size(); ++id) {
    const Tally& tally = tallies.by_channel[id];
    if (!wanted(snapshot, query, id, tally)) continue;
    const CommonSite common = counter.commonest(sites.of(id));
    rows.push_back({.channel = id,
                    .senders = tally.senders,
                    .receivers = tally.receivers,
                    .selects = tally.selects,
                    .oldest_goroutine = tally.oldest_goroutine,
                    .longest_wait_ns = tally.longest_wait_ns,
                    .site = common.site,
                    .at_site = common.at_site,
                    .sites = common.sites});
  }
  sort_rows(rows, query.order);
  return rows;
}

std::vector<ChannelRow> stuck_channels(const Snapshot& snapshot, ChannelOrder order) {
  ChannelQuery query;
  query.unclosed_only = true;
  query.with_timers = false;
  query.with_system = false;
  query.order = order;
  return list_channels(snapshot, query);
}

std::optional<ChannelId> find_channel(const Snapshot& snapshot, snapshot::Address address) {
  const auto& channels = snapshot.channels;
  const auto found = std::ranges::lower_bound(channels, address, {}, &Channel::address);
  if (found == channels.end() || found->address != address) return std::nullopt;
  return static_cast<ChannelId>(found - channels.begin());
}

}  // namespace chanspect::analysis
