#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace chanspect::target {

/// All bytes of a small file such as those of /proc; what could be read of it where reading fails
/// (a process may end meanwhile), so nothing where it does not open.
std::string read_whole(const std::string& path);

/// Where a symbolic link points to; nothing, and errno, where it is none or may not
/// be read.
std::string read_link(const std::string& path);

/// The entries of a folder that are numbers, in no order: pids in /proc, tids in /proc/PID/task.
/// Empty where it does not open.
std::vector<pid_t> numbered_entries(const std::string& folder);

}  // namespace chanspect::target
