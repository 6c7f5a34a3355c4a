#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "snapshot/snapshot.h"

namespace chanspect::storm {

/// One channel that a goroutine waits on.
struct Case {
  std::string_view direction;  ///< "send" or "receive"
  std::string_view elem;
  std::uint64_t capacity = 0;
};

enum class Lock : std::uint8_t { none, mutex, rwmutex, any };

/// All that a goroutine can be seen in at one line of the program.
struct Line {
  std::string_view name;
  std::string_view label;    ///< its pprof label "class"
  std::string_view creator;  ///< how its creator's name begins
  std::vector<snapshot::WaitKind> kinds;
  std::vector<Case> cases;
  Lock lock = Lock::none;
};

/// The line with this mark in the program's source; nullptr when no rule names it.
const Line* find_line(std::string_view name);

/// All of them, so that a test can tell whether each was seen.
const std::vector<Line>& all_lines();

}  // namespace chanspect::storm
