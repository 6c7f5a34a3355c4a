#pragma once

#include "go/arch.h"
#include "target/memory.h"
#include "target/registers.h"

namespace chanspect::capture {

/// The stack of a thread's signal handlers, [lo, hi): that of its m.gsignal.
struct SignalStack {
  Address lo = 0, hi = 0;
};

/// The registers with which a thread will go on once its signal handler returns, where it is in
/// one: out of the ucontext that the kernel has put on the signal stack. Of nested handlers the
/// outermost counts. The registers themselves where the thread is in no handler, or none is found.
target::ThreadRegisters interrupted(const target::Memory& memory,
                                    const target::ThreadRegisters& registers,
                                    const SignalStack& stack, go::Arch arch);

}  // namespace chanspect::capture
