#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/runtime.h"
#include "go/function_table.h"
#include "snapshot/snapshot.h"
#include "target/core_file.h"
#include "target/live_memory.h"

namespace chanspect::capture {

/// An opened program: everything that is found out before the first goroutine byte is read.
struct OpenedProgram {
  std::unique_ptr<target::Memory> memory;
  const target::LiveMemory* live = nullptr;  ///< the memory, where it is a running process
  const target::CoreFile* core = nullptr;    ///< the memory, where it is a core
  std::optional<go::FunctionTable> functions;
  Runtime runtime;  ///< points into the memory and the functions
  snapshot::Source source;
  std::vector<snapshot::Phase> phases;
  std::vector<std::string> notes;  ///< for Completeness
  std::string image_path;          ///< by which the file that holds the Go runtime was opened
};

/// From a pid to an understood Go runtime. See Program::open for the errors.
Result<std::unique_ptr<OpenedProgram>> open_process(std::int32_t pid);

/// From a core file to an understood Go runtime. See Program::open_core for the errors.
Result<std::unique_ptr<OpenedProgram>> open_core(const std::string& path,
                                                 const std::string& executable);

/// The same, keeping in `opened` what was found out before the step that failed.
Result<void> open_process(std::int32_t pid, OpenedProgram& opened);
Result<void> open_core(const std::string& path, const std::string& executable,
                       OpenedProgram& opened);

}  // namespace chanspect::capture
