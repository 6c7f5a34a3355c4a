#pragma once

#include <string_view>

#include "base/result.h"
#include "snapshot/snapshot.h"

namespace chanspect::cli {

/// A hexadecimal address with or without its 0x: "0xc00012a000", "c00012a000". Errors: usage.
Result<snapshot::Address> parse_address(std::string_view text);

}  // namespace chanspect::cli
