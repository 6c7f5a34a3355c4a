#pragma once

#include <cstddef>

#include "base/result.h"
#include "capture/runtime.h"

namespace chanspect::capture {

/// How many of the goroutines on the front of allgs look as the layouts say.
struct LayoutFit {
  std::size_t looked_at = 0, good = 0;
};
Result<LayoutFit> measure_layout(const Runtime& runtime);

/// Holds the layouts against the target before anything is believed: the g's on allgs must look
/// like g's (a stack of sane bounds that holds the saved sp, a saved g that is its own address, a
/// known status, distinct ids). Fails with `bad_data` when they do not.
Result<void> check_layout(const Runtime& runtime);

}  // namespace chanspect::capture
