#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace chanspect::cli {

/// Nanoseconds of "500ms", "60s", "5m", "2h", "1h30m", "1d", "1.5h". Units are ns, us, ms, s, m, h
/// and d (24 hours), largest first; a bare number is no duration but 0. Errors: usage.
Result<std::int64_t> parse_duration(std::string_view text);

}  // namespace chanspect::cli
