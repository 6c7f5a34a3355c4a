#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "snapshot/snapshot.h"

namespace chanspect::analysis {

/// What a person wants told apart when they ask what all those goroutines do.
enum class Activity : std::uint8_t {
  channel,
  mutex,
  wait_group,
  cond,
  semaphore,
  io,
  sleep,
  syscall,
  running,
  runnable,
  forever,  ///< a nil channel, select {}: nothing can ever wake it
  moving,   ///< changed at each look
  other,
};
inline constexpr std::size_t kActivities = static_cast<std::size_t>(Activity::other) + 1;

/// "channel", "IO", ….
std::string_view name_of(Activity activity);

Activity activity_of(const snapshot::Goroutine& goroutine);

/// How many goroutines do what. The runtime's own are counted apart, as runtime.NumGoroutine
/// does.
struct Census {
  std::array<std::uint64_t, kActivities> user{};
  std::uint64_t goroutines = 0;  ///< of the user: the sum of the above
  std::uint64_t system = 0;
  bool any_wait_known = false;
};

Census take_census(const snapshot::Snapshot& snapshot);

/// Whether nothing can ever wake it: it waits on nil channels only, or on nothing.
bool waits_forever(const snapshot::Goroutine& goroutine);

/// Whether it waits on a channel, lock, WaitGroup, Cond, or for ever.
bool is_blocked(const snapshot::Goroutine& goroutine);

}  // namespace chanspect::analysis
