#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "snapshot/snapshot.h"

/// One user frame of a goroutine, for `--frame`.
namespace chanspect::report {

/// "retry.(*Queue).Push /home/me/retry/queue.go:88", or "-" for kNone.
std::string frame_line(const snapshot::Snapshot& snapshot, snapshot::FrameId frame);

/// The `k`-th user frame, from 1; kNone where there is none.
snapshot::FrameId user_frame_of(const snapshot::Snapshot& snapshot,
                                const snapshot::Goroutine& goroutine, std::uint32_t k);

/// A usage error that says how many user frames there are, unless the `k`-th is among them.
Result<void> check_frame(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine,
                         std::uint32_t k);

}  // namespace chanspect::report
