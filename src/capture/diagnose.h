#pragma once

#include <cstdint>
#include <string>

#include "base/diagnosis.h"

/// What can be read of a target, and why what cannot. Goes the same way as every other command,
/// as far as it leads, looks once at all goroutines, and tells of each step.
namespace chanspect::capture {

/// A running process, which is never stopped. `threads` as in Options.
Diagnosis diagnose_process(std::int32_t pid, unsigned threads);

/// A core file; `executable` as in Program::open_core.
Diagnosis diagnose_core(const std::string& path, const std::string& executable, unsigned threads);

}  // namespace chanspect::capture
