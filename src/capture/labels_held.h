#pragma once

#include <vector>

#include "base/result.h"
#include "capture/look.h"

namespace chanspect::capture {

/// The rows whose label set may have been another one when it was read than when they were: labels
/// are read after all goroutines, and those of one that has ended meanwhile are garbage, which the
/// collector gives to somebody else. A set is believed while any goroutine that was seen with it
/// still has it. Rows hold the harvesters' numbers; none where the target stands still.
Result<std::vector<std::uint32_t>> rows_with_labels_let_go(const Look& look);

}  // namespace chanspect::capture
