#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "cli/go_processes.h"

namespace chanspect::cli {

/// The positional TARGET that most commands begin with.
Positional target_positional(std::string* into);

/// The process that the user means: a number is a pid; a name is that of a Go program's executable,
/// or what it calls itself; a path is that executable. Errors: usage where several fit (it lists
/// them), no_such_process, not_go.
Result<pid_t> find_process(const std::string& word);

/// What the user means by TARGET: a core file, or else a process.
struct Target {
  pid_t pid = 0;
  std::string core;  ///< path; empty for a process
};

/// As find_process; and a word that is the path of a core file means that.
Result<Target> find_target(const std::string& word);

/// The choice among the processes of this machine, for find_process and its test.
Result<pid_t> choose_by_name(const std::string& word, std::vector<target::ListedProcess> processes);

}  // namespace chanspect::cli
