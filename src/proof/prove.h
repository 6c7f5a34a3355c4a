#pragma once

#include <cstdint>
#include <vector>

#include "proof/evidence.h"

namespace chanspect::proof {

enum class Outcome : std::uint8_t {
  not_asked,  ///< it goes on by itself
  fine,       ///< somebody who goes on, or a timer, can reach what it waits for
  suspected,  ///< it can be reached, but by nobody who is seen to go on
  proven,     ///< nothing that can still run can ever reach it
};

enum class Because : std::uint8_t {
  goes_on,
  goroutine,        ///< goroutine `by` holds it, and goes on or can be woken
  timer,            ///< the timer `by` holds it
  global,           ///< only variables of the program hold it, `by` first
  pinned,           ///< it is pinned for C
  c_memory,         ///< memory that is not Go's holds it
  runtime,          ///< a list of the runtime holds it
  farewell,         ///< a finalizer or cleanup that may yet run holds it
  weak,             ///< a weak pointer that is held can hand it out
  lies_in_global,   ///< what it waits for is itself a variable of the program
  lies_elsewhere,   ///< what it waits for lies in memory that nobody can tell of
  unfathomed,       ///< it waits in a way that is not understood
  nothing_to_wake,  ///< it waits for nothing: a nil channel, a select without cases
  unreachable,      ///< only goroutines that wait for ever reach it, or nobody does
  doubtful,         ///< as unreachable, but not all could be read
};

struct Verdict {
  Outcome outcome = Outcome::not_asked;
  Because because = Because::goes_on;
  std::uint32_t by = 0;  ///< a goroutine, or a number of Evidence::others, ::farewells or ::weak

  bool operator==(const Verdict&) const = default;
};

/// Whose wait can end. As the runtime's own goroutineleak profile decides it (runtime/mgc.go:
/// findGoroutineLeaks; "Dynamic Partial Deadlock Detection and Recovery via Garbage Collection",
/// ASPLOS 2025), told in four outcomes instead of two, and with finalizers taken at their word: one
/// whose object only goroutines without hope hold never runs.
std::vector<Verdict> prove(const Evidence& evidence, unsigned workers);

}  // namespace chanspect::proof
