#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "binary/elf.h"
#include "target/core_file.h"

namespace chanspect::capture {

/// The front of an ELF file as it lay in the memory of the process: its headers, and its notes
/// where they are near. Cores keep the first page of mapped ELF files for this (core(5)).
struct ImageInCore {
  std::unique_ptr<std::vector<std::byte>> bytes;
  binary::Elf elf;  ///< of those bytes, so without sections
};

/// Nothing where the core does not hold it, or something else lies there.
std::optional<ImageInCore> image_at(const target::CoreFile& core, Address base);

/// What the core calls the file that it ran; empty where it does not tell.
std::string executable_path(const target::CoreFile& core);

/// Where the first byte of the file of this path was mapped; 0 where it was not, or the path is
/// empty.
Address base_of_file(const target::CoreFile& core, std::string_view path);

/// The same for the executable, also of a core that lists no files.
Address base_of_executable(const target::CoreFile& core);

}  // namespace chanspect::capture
