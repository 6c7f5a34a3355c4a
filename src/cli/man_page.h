#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace chanspect::cli {

/// chanspect(1) in the language of man(7), made from the commands themselves.
std::string man_page(const std::vector<Command>& commands);

}  // namespace chanspect::cli
