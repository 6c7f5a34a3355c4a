#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/command.h"

namespace chanspect::cli {

/// "chanspect nth TARGET [N] [OPTION ...]"
std::string usage_of(const Command& command);

/// "-q, --quiet", "    --limit N"
std::string spelling_of(const Option& option);

/// What `chanspect COMMAND --help` prints, in lines of `width` columns.
std::string help_of(const Command& command, std::size_t width);

/// What `chanspect --help` prints: enough to use the tool by.
std::string help_of_all(const std::vector<Command>& commands, std::size_t width);

/// What `chanspect` alone prints.
std::string short_help(const std::vector<Command>& commands);

}  // namespace chanspect::cli
