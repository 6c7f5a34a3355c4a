#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "capture/runtime.h"

namespace chanspect::capture {

/// The addresses of all g's ever made, in the runtime's order (proc.go: allgs), at most `most` of
/// them from the front. `bad_data` when the list makes no sense.
Result<std::vector<Address>> read_allgs(const Runtime& runtime, std::size_t most = ~std::size_t{0});

}  // namespace chanspect::capture
