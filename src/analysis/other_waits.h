#pragma once

#include <cstdint>
#include <vector>

#include "snapshot/snapshot.h"

/// Waits that are on no channel.
namespace chanspect::analysis {

/// Goroutines of the user that wait for the same lock, or in the same hopeless way.
struct WaitRow {
  snapshot::WaitKind kind = snapshot::WaitKind::none;
  snapshot::Address object = 0;  ///< of the lock; 0: the runtime does not tell, or there is none
  std::uint32_t goroutine = 0;   ///< index of the first of them
  std::uint32_t waiters = 0;
  std::int64_t longest_wait_ns = snapshot::kUnknown;
  snapshot::FrameId site = snapshot::kNone;  ///< where most of them wait
  std::uint32_t at_site = 0;
  std::uint32_t sites = 0;
};

/// Mutexes, RWMutexes, WaitGroups, Conds and semaphores that somebody waits for, the most waited
/// for first. Where the address is not known, those at one site count as one.
std::vector<WaitRow> list_locks(const snapshot::Snapshot& snapshot);

/// Waits that nothing can end: nil channels and select {}, by site, the most frequent first.
std::vector<WaitRow> list_forever(const snapshot::Snapshot& snapshot);

}  // namespace chanspect::analysis
