#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "go/layout.h"
#include "target/memory.h"

namespace chanspect::go {

/// Who waits in the runtime's table of semaphores (sema.go: semtable). Up to 1.25 a goroutine that
/// waits for a Mutex or WaitGroup has no g.waiting: its sudog is to be found only there.
class SemaphoreWaiters {
 public:
  SemaphoreWaiters() = default;

  /// The sudog with which the g at `g` waits; 0 when there is none.
  Address sudog_of(Address g) const;
  std::size_t size() const { return sudog_by_g_.size(); }

 private:
  friend Result<SemaphoreWaiters> read_semaphores(const target::Memory&, const RuntimeLayout&,
                                                  Address);
  std::unordered_map<Address, Address> sudog_by_g_;
};

/// Walks all treaps of semtable with bulk reads, level by level, bounded. The table moves while it
/// is read: what comes out is a hint that the capture checks (sudog.g must name the goroutine). An
/// error means the target as a whole.
Result<SemaphoreWaiters> read_semaphores(const target::Memory& memory, const RuntimeLayout& layout,
                                         Address semtable);

}  // namespace chanspect::go
