#pragma once

#include <sys/types.h>

#include "target/memory.h"

namespace chanspect::target {

/// The user registers of a thread that unwinding needs, stopped or as a core keeps them.
struct ThreadRegisters {
  pid_t tid = 0;
  pid_t own_tid = 0;  ///< as the process itself counts, which lives in a pid namespace of its own
  Address pc = 0, sp = 0, bp = 0;
  Address lr = 0;   ///< arm64's x30: where a function returns to that saved it nowhere; else 0
  Address tls = 0;  ///< the thread pointer: amd64's fs_base, arm64's tpidr_el0; 0 where not known
};

}  // namespace chanspect::target
