#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "capture/runtime.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// Reads the numbers of the synctest bubbles behind the given values of g.bubble and adds them to
/// the snapshot. Returns an index into Snapshot::bubbles for each, kNone where it cannot be read.
Result<std::vector<std::uint32_t>> read_bubbles(const Runtime& runtime,
                                                std::span<const Address> pointers,
                                                snapshot::Snapshot& snapshot);

/// Adds " (durable)" to the reasons of waits in a bubble that only the bubble itself can end, as
/// runtime.Stack does from 1.25 on (traceback.go: goroutineheader).
void mark_durable_waits(const Runtime& runtime, snapshot::Snapshot& snapshot);

}  // namespace chanspect::capture
