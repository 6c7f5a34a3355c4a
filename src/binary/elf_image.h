#pragma once

#include "binary/elf.h"
#include "binary/file_bytes.h"

namespace chanspect::binary {

/// What an Elf knows: the headers, read at once, and the file for what is read when asked for.
struct Elf::Image {
  explicit Image(UniqueFd fd, std::uint64_t size) : file(std::move(fd), size) {}
  explicit Image(Bytes bytes) : file(bytes) {}

  FileBytes file;
  std::uint16_t machine = 0, type = 0;
  std::uint64_t entry = 0;
  std::vector<Section> sections;
  std::vector<Segment> segments;
};

}  // namespace chanspect::binary
