#pragma once

#include <string>

#include "base/result.h"
#include "binary/elf.h"
#include "target/core_file.h"

namespace chanspect::capture {

/// The executable of a core, opened and compared with it.
struct FoundExecutable {
  binary::Elf elf;
  std::string path;         ///< where it was found
  std::string mapped_path;  ///< what the core calls it; empty where it lists no files
  std::string note;         ///< what a person should know, one sentence; empty: all is sure
};

/// Finds it: the one given, else the one that the core names, where it lay or beside the core.
/// Refused where it is another one than that in the core's memory, by the build id (GNU's, or Go's)
/// or where there is none by its headers. Errors: io, denied, bad_data (a wrong one).
Result<FoundExecutable> find_executable(const target::CoreFile& core, const std::string& given);

/// The same for a library that the core lists under this path.
Result<FoundExecutable> find_library(const target::CoreFile& core, const std::string& mapped_path);

/// Lends it to the core for the pages that the core lacks.
Result<void> attach_executable(target::CoreFile& core, const FoundExecutable& found);

}  // namespace chanspect::capture
