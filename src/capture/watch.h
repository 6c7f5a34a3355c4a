#pragma once

#include "base/result.h"
#include "capture/capture.h"
#include "capture/open.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// One look at the target.
Result<snapshot::Snapshot> look_once(const OpenedProgram& opened, const Options& options);

/// Two looks, `options.watch_ns` apart: a goroutine that did not move in between has waited at
/// least that long, whether the target's collector has run or not; and channels tell how many
/// waited before. The result is the second look.
Result<snapshot::Snapshot> look_twice(const OpenedProgram& opened, const Options& options);

}  // namespace chanspect::capture
