#pragma once

#include "base/result.h"
#include "capture/runtime.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// Says of those who wait for a lock which kind it is, where the wait reason leaves it open (up to
/// 1.19 each is "semacquire", a WaitGroup up to 1.23), and where it lies: from the semaphore's
/// address that the sudog gave, and for a sync.Cond up to 1.25, which has none, from the stack.
Result<void> name_locks(const Runtime& runtime, snapshot::Snapshot& snapshot);

}  // namespace chanspect::capture
