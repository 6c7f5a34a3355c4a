#pragma once

#include "base/result.h"
#include "capture/runtime.h"

namespace chanspect::capture {

/// Holds the layouts against the target before anything is believed: the g's on allgs must look
/// like g's (a stack of sane bounds that holds the saved sp, a saved g that is its own address, a
/// known status, distinct ids). Fails with `bad_data` when they do not.
Result<void> check_layout(const Runtime& runtime);

}  // namespace chanspect::capture
