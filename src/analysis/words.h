#pragma once

#include <cstdint>
#include <string_view>

#include "snapshot/snapshot.h"

/// The runtime's own words for what a goroutine is and does.
namespace chanspect::analysis {

/// The constant's name in runtime/runtime2.go: "_Gwaiting".
std::string_view name_of(snapshot::Status status);

/// The runtime's word for the state, as runtime.Stack prints it (traceback.go: gStatusStrings).
std::string_view word_of(snapshot::Status status);

/// What it is blocked in: the runtime's wait reason, or the function of package sync where the
/// reason says only "semacquire"; the state's word when it does not wait.
std::string_view block_type(const snapshot::Snapshot& snapshot,
                            const snapshot::Goroutine& goroutine);

/// "receive", "send", or the empty string.
std::string_view name_of(snapshot::Direction direction);

}  // namespace chanspect::analysis
