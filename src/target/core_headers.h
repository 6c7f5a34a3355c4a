#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/core_file.h"

namespace chanspect::target {

/// A PT_LOAD whose claims were checked, and where its bytes lie in the core.
struct CoreSegment {
  CoreMapping mapping;
  std::uint64_t file_offset = 0;
};

/// A PT_NOTE, as much of it as the file holds.
struct CoreNotes {
  std::uint64_t file_offset = 0, size = 0;
};

/// What the headers of a core say, checked against the size of the file.
struct CoreHeaders {
  std::uint16_t machine = 0;
  std::vector<CoreSegment> segments;  ///< by address, without overlaps
  std::vector<CoreNotes> notes;
  bool truncated = false;
  std::uint64_t bytes_missing = 0;
  std::uint32_t ignored_segments = 0;
};

/// Reads them from a file of `size` bytes; `path` is for messages. For the errors see
/// CoreFile::open.
Result<CoreHeaders> read_core_headers(int file, std::uint64_t size, const std::string& path);

}  // namespace chanspect::target
