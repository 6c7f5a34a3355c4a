#pragma once

#include "cli/command_line.h"

namespace chanspect::cli {

/// The whole program: understands the words behind the program's name, runs what they ask for and
/// gives the number to end with. Reports go to standard output, all else to standard error.
int run(const Words& words);

}  // namespace chanspect::cli
