#pragma once

#include "base/result.h"
#include "capture/image.h"
#include "capture/open.h"
#include "capture/stopwatch.h"

namespace chanspect::capture {

/// Finds out all that `opened` still lacks of the Go runtime in `image`: release, layouts,
/// variables, functions, wait reasons. Its memory is there already. Errors: `not_go`,
/// `unknown_release`, `unsupported`, `bad_data`, and those of its memory.
Result<void> understand(const Image& image, OpenedProgram& opened, Stopwatch& watch);

}  // namespace chanspect::capture
