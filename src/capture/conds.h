#pragma once

#include <cstdint>

#include "base/result.h"
#include "capture/runtime.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// sync/cond.go: Cond.notify lies behind noCopy and L.
inline constexpr std::uint64_t kCondNotifyOffset = 16;

/// Up to 1.25 nothing in the runtime points from a goroutine in sync.Cond.Wait to its Cond. But the
/// frames of notifyListWait and Wait hold the notifyList's address: it is that word near the
/// stack's live end which leads to a list of sudogs (sema.go: notifyList) with this very goroutine
/// on it. Adds a wait, with the Cond as its object, to each goroutine for which it is found.
Result<void> find_conds(const Runtime& runtime, snapshot::Snapshot& snapshot);

}  // namespace chanspect::capture
