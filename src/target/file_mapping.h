#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "target/memory.h"

namespace chanspect::target {

/// A part of a file as it is mapped: the executable, its libraries, and whatever else the program
/// mapped.
struct FileMapping {
  Range memory;
  std::uint64_t file_offset = 0;  ///< of the mapping's first byte
  std::string path;               ///< as the process sees it; ends in " (deleted)" where it was
  bool executable = false;        ///< code; not known of a core's
};

/// The file mappings of a running process (proc(5): maps), by address.
std::vector<FileMapping> file_mappings(pid_t pid);

}  // namespace chanspect::target
