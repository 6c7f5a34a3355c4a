#pragma once

#include "base/result.h"
#include "capture/runtime.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// Marks channels that a timer will send on, where the channel itself does not say so (up to 1.22,
/// and with GODEBUG=asynctimerchan=1): the processors' lists of timers name them (time.go: a
/// channel timer's arg is its channel).
Result<void> mark_timer_channels(const Runtime& runtime, snapshot::Snapshot& snapshot);

}  // namespace chanspect::capture
