#pragma once

#include <string_view>

namespace chanspect::go {

/// data/wait-reasons.json, as cmake/Layouts.cmake writes it into the program.
std::string_view wait_reason_data();

}  // namespace chanspect::go
