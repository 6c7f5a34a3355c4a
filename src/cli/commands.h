#pragma once

#include <vector>

#include "cli/command.h"

namespace chanspect::cli {

// One file a command.
Command overview_command();
Command ps_command();
Command doctor_command();
Command channels_command();
Command channel_command();
Command nth_command();
Command blocked_command();
Command goroutines_command();
Command stack_command();
Command completions_command();
Command man_page_command();

/// All of them, the overview first. Each call makes new ones.
std::vector<Command> all_commands();

}  // namespace chanspect::cli
