#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "capture/runtime.h"

namespace chanspect::capture {

/// The value that a GODEBUG setting has in the target right now (runtime/runtime1.go: dbgvars, a
/// list of names with pointers to values, from 1.21 on). Nothing where the target's release does
/// not know the setting, or it cannot be read.
std::optional<std::int32_t> read_debug_setting(const Runtime& runtime, std::string_view name);

}  // namespace chanspect::capture
