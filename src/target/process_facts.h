#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"

namespace chanspect::target {

/// What /proc says of one process without touching it.
struct ProcessFacts {
  pid_t pid = 0;
  std::string name;        ///< base name of the executable
  std::string executable;  ///< as its own mount namespace names it, " (deleted)" taken off
  bool executable_deleted = false;
  std::int64_t uptime_ns = -1;  ///< since its start; -1 when not known
};

Result<ProcessFacts> process_facts(pid_t pid);

/// Since the start of the process, in ns; -1 when not known.
std::int64_t uptime_ns(pid_t pid);

/// Where the kernel put the program's entry point, from /proc/PID/auxv (AT_ENTRY): less the ELF
/// header's e_entry it is the load bias of a position-independent executable.
Result<std::uint64_t> entry_point(pid_t pid);

/// CLOCK_MONOTONIC of the target less ours, in ns: not 0 only in a time namespace of its own.
std::int64_t monotonic_offset_ns(pid_t pid);

}  // namespace chanspect::target
