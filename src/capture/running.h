#pragma once

#include <span>

#include "base/result.h"
#include "capture/look.h"
#include "target/registers.h"

namespace chanspect::capture {

/// Gives the rows of running goroutines their stacks, from the registers of the stopped threads.
Result<void> trace_running_goroutines(Look& look, std::span<const target::ThreadRegisters> threads);

}  // namespace chanspect::capture
