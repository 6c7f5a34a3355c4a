#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "binary/elf.h"
#include "capture/runtime.h"
#include "go/function_table.h"
#include "snapshot/snapshot.h"
#include "target/live_memory.h"

namespace chanspect::capture {

/// An opened process: everything that is found out before the first goroutine byte is read.
struct OpenedProcess {
  std::unique_ptr<target::LiveMemory> memory;
  std::optional<go::FunctionTable> functions;
  Runtime runtime;  ///< points into the two above
  snapshot::Source source;
  std::vector<snapshot::Phase> phases;
};

/// From a pid to an understood Go runtime. See Process::open for the errors.
Result<std::unique_ptr<OpenedProcess>> open_process(std::int32_t pid);

}  // namespace chanspect::capture
