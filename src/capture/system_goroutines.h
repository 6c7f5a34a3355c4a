#pragma once

#include <cstdint>
#include <vector>

#include "capture/g_facts.h"
#include "capture/memo.h"
#include "capture/runtime.h"

namespace chanspect::capture {

/// Tells the runtime's own goroutines from the user's as proc.go's isSystemGoroutine does. The
/// goroutine that runs finalizers or cleanups is the user's while it does so, and the runtime's
/// while it waits for the next. One a thread.
class SystemGoroutines {
 public:
  explicit SystemGoroutines(const Runtime& runtime) : runtime_(&runtime) {}

  bool contains(const GFacts& g);

 private:
  enum class Kind : std::uint8_t { user, system, system_when_idle };
  Kind kind_of_start(Address startpc) const;

  const Runtime* runtime_;
  Memo starts_;
  std::vector<Kind> kinds_;  ///< by number in starts_
};

}  // namespace chanspect::capture
