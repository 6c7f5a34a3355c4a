#pragma once

#include <cstdint>

namespace chanspect::target {

/// While it lives, the calling thread, and those that it starts, take turns of 0.1 ms on a
/// processor that others want too, so that a target which wakes up meanwhile waits that long and
/// not a whole turn of some 3 ms. Our share of the processor stays what it was. Linux knows such
/// turns from 6.12 on (sched_setattr(2): sched_runtime under SCHED_OTHER); elsewhere this changes
/// nothing.
class ShortTurns {
 public:
  static constexpr std::uint64_t kTurnNs = 100'000;

  ShortTurns();
  ~ShortTurns();
  ShortTurns(const ShortTurns&) = delete;
  ShortTurns& operator=(const ShortTurns&) = delete;

  /// Of the calling thread, in ns; 0: the kernel's choice, or not to be known.
  static std::uint64_t turn_ns();

 private:
  bool changed_ = false;
};

}  // namespace chanspect::target
