#pragma once

#include <cstdint>
#include <span>

#include "report/output.h"
#include "report/stack_text.h"
#include "snapshot/snapshot.h"

namespace chanspect::report {

/// Writes the text of goroutines (indices into Snapshot::goroutines) in their order, an empty line
/// between two. Threads make the text of stretches side by side and write them in turn, so that no
/// more than a stretch a thread is in memory.
void stream_stacks(const snapshot::Snapshot& snapshot, std::span<const std::uint32_t> goroutines,
                   const StackText& text, Output& out);

}  // namespace chanspect::report
