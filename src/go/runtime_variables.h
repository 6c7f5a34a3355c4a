#pragma once

#include "target/memory.h"

namespace chanspect::go {

/// Addresses of the runtime's own variables in the running program (load bias added); 0 for one
/// that was not found.
struct RuntimeVariables {
  Address allglen = 0, allgptr = 0;  ///< proc.go: the list of all g's ever made
  Address allp = 0;                  ///< proc.go: a slice of the processors
  Address allm = 0;                  ///< proc.go: the list of threads
  Address sched = 0;                 ///< proc.go: the scheduler
  Address semtable = 0;              ///< sema.go
  Address memstats = 0;              ///< mstats.go
  Address firstmoduledata = 0;       ///< symtab.go
  Address wait_reason_strings = 0;   ///< runtime2.go
  Address dbgvars = 0;               ///< runtime1.go: the GODEBUG settings
};

}  // namespace chanspect::go
