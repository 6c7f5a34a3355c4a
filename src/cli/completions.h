#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

/// Scripts that teach a shell our commands and options, made from the commands themselves.
namespace chanspect::cli {

std::string bash_completion(const std::vector<Command>& commands);
std::string zsh_completion(const std::vector<Command>& commands);
std::string fish_completion(const std::vector<Command>& commands);

/// The options of a command, its own and the common ones, in the order of its help.
std::vector<Option> options_of(const Command& command);

/// "--limit | -o | --output", the pattern of a shell's case: options with a value behind them.
std::string names_with_values(const std::vector<Command>& commands);

}  // namespace chanspect::cli
