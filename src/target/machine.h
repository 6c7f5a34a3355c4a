#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnosis.h"
#include "target/permission.h"

/// What this machine, and our place on it, let us do, before any target is chosen.
namespace chanspect::target {

/// All that checks_of looks at, gathered beforehand so that it is a pure function.
struct MachineFacts {
  std::string kernel;            ///< "Linux 6.1.0-18-amd64 x86_64"
  AccessFacts access;            ///< of ourselves
  std::optional<int> yama;       ///< kernel.yama.ptrace_scope; nothing where there is no Yama
  std::string hidepid;           ///< that /proc is mounted with; empty or "0" where all may see all
  bool ptrace_filtered = false;  ///< a seccomp filter forbids ptrace(2), which freezing takes
};

MachineFacts machine_facts();

/// One check for each rule of this machine that can deny, with its cure.
std::vector<Check> checks_of(const MachineFacts& facts);

/// Whether a system call filter keeps us from ptrace(2). Asks the kernel for a process that cannot
/// be, so nothing is touched.
bool ptrace_is_filtered();

}  // namespace chanspect::target
