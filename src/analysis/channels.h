#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "snapshot/snapshot.h"

namespace chanspect::analysis {

/// A channel that somebody waits on, with what its queues amount to.
struct ChannelRow {
  snapshot::ChannelId channel = snapshot::kNone;
  std::uint32_t senders = 0;    ///< goroutines in a plain send
  std::uint32_t receivers = 0;  ///< goroutines in a plain receive
  std::uint32_t selects = 0;    ///< goroutines in a select with a case on it (each counted once)
  std::uint64_t oldest_goroutine = 0;                 ///< the lowest id among all of them
  std::int64_t longest_wait_ns = snapshot::kUnknown;  ///< a lower bound
  snapshot::FrameId site = snapshot::kNone;           ///< where most of them wait
  std::uint32_t at_site = 0;                          ///< how many that is
  std::uint32_t sites = 0;                            ///< distinct sites

  std::uint32_t waiters() const { return senders + receivers + selects; }
};

enum class ChannelOrder : std::uint8_t { waiters, age, address, oldest };

/// Which channels, and in which order. All conditions must hold.
struct ChannelQuery {
  std::uint32_t min_waiters = 1;
  std::int64_t older_than_ns = 0;  ///< keeps those whose longest wait is known to be at least this
  std::string elem_type;           ///< part of the element type's name
  std::string at_function;         ///< part of a function's name in the stack of one of the waiters
  bool unclosed_only = false;
  bool with_timers = true;  ///< channels of time.Timer and time.Ticker
  bool with_system = true;  ///< channels on which only the runtime's own goroutines wait
  ChannelOrder order = ChannelOrder::waiters;
};

std::vector<ChannelRow> list_channels(const snapshot::Snapshot& snapshot,
                                      const ChannelQuery& query);

/// The rows that `nth` counts: unclosed channels on which a goroutine of the user is stuck. A
/// timer's channel is not among them, since its timer will free whoever waits there.
std::vector<ChannelRow> stuck_channels(const snapshot::Snapshot& snapshot, ChannelOrder order);

/// The channel at an address of the target, if somebody waits on it.
std::optional<snapshot::ChannelId> find_channel(const snapshot::Snapshot& snapshot,
                                                snapshot::Address address);

}  // namespace chanspect::analysis
