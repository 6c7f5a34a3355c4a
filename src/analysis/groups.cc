// Goroutines by one or more keys together: each key gives a goroutine a number, and pairs of
// (group so far, number) are numbered in turn, so that no text is made before the end.

#include <algorithm>
#include <map>

#include "analysis/frames.h"
#include "analysis/goroutines.h"
#include "analysis/pair_numbers.h"
#include "analysis/words.h"

namespace chanspect::analysis {
namespace {

using snapshot::ChannelId;
using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;

constexpr std::uint32_t kMoving = kNone - 1;  // no id comes near: those that moved are a group

/// Turns keys into numbers that are equal when a person would call the keys equal.
class KeyNumbers {
 public:
  explicit KeyNumbers(const Snapshot& snapshot)
      : snapshot_(&snapshot), place_(same_place(snapshot)), sites_(sites_by_stack(snapshot)) {}

  std::uint32_t of(const Goroutine& goroutine, GroupKey key) {
    if (!goroutine.settled) return kMoving;
    switch (key) {
      case GroupKey::site:
        return goroutine.stack == kNone ? kNone : sites_[goroutine.stack];
      case GroupKey::reason:
        return number_of_reason(goroutine);
      case GroupKey::creator:
        return goroutine.creator == kNone ? kNone : place_[goroutine.creator];
      case GroupKey::label:
        return goroutine.labels;
      case GroupKey::channel:
        return number_of_channels(goroutine);
      case GroupKey::stack:
        break;
    }
    return goroutine.stack;
  }

 private:
  /// By what is printed: "semacquire" may be a Mutex here and a WaitGroup there.
  std::uint32_t number_of_reason(const Goroutine& goroutine) {
    const std::string_view text = block_type(*snapshot_, goroutine);
    return reasons_.try_emplace(text, static_cast<std::uint32_t>(reasons_.size())).first->second;
  }

  /// One channel's own number, or one beyond all channels for each sequence of several.
  std::uint32_t number_of_channels(const Goroutine& goroutine) {
    ChannelId last = kNone;
    std::uint32_t number = kNone;
    for (std::uint32_t w = 0; w < goroutine.wait_count; ++w) {
      const ChannelId channel = snapshot_->waits[goroutine.first_wait + w].channel;
      if (channel == kNone || channel == last) continue;
      number = last == kNone ? channel : beyond_channels(sequences_.number(number, channel));
      last = channel;
    }
    return number;
  }
  std::uint32_t beyond_channels(std::uint32_t sequence) const {
    return static_cast<std::uint32_t>(snapshot_->channels.size()) + sequence;
  }

  const Snapshot* snapshot_;
  std::vector<FrameId> place_, sites_;
  std::map<std::string_view, std::uint32_t> reasons_;
  PairNumbers sequences_;  ///< of channels: (the sequence before, one more)
};

}  // namespace

std::vector<GoroutineGroup> group_goroutines(const Snapshot& snapshot,
                                             const std::vector<std::uint32_t>& goroutines,
                                             const std::vector<GroupKey>& keys) {
  KeyNumbers numbers(snapshot);
  std::vector<std::uint32_t> group_of(goroutines.size(), 0);
  for (const GroupKey key : keys) {
    PairNumbers pairs;
    for (std::size_t i = 0; i < goroutines.size(); ++i)
      group_of[i] = pairs.number(group_of[i], numbers.of(snapshot.goroutines[goroutines[i]], key));
  }

  std::vector<GoroutineGroup> groups;
  for (std::size_t i = 0; i < goroutines.size(); ++i) {
    if (group_of[i] >= groups.size()) groups.resize(group_of[i] + 1);
    GoroutineGroup& group = groups[group_of[i]];
    group.members.push_back(goroutines[i]);
    const Goroutine& goroutine = snapshot.goroutines[goroutines[i]];
    if (goroutine.settled)
      group.longest_wait_ns = std::max(group.longest_wait_ns, goroutine.wait_ns);
  }
  std::ranges::stable_sort(groups, [](const GoroutineGroup& a, const GoroutineGroup& b) {
    return a.members.size() > b.members.size();
  });
  for (GoroutineGroup& group : groups) describe_group(snapshot, keys, group);
  return groups;
}

}  // namespace chanspect::analysis
