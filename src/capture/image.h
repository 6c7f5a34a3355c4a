#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "binary/elf.h"
#include "target/file_mapping.h"

namespace chanspect::capture {

/// The ELF file that holds the Go runtime, and where in the target it lies: the executable, or a
/// library of Go in a program of another language.
struct Image {
  binary::Elf elf;
  std::uint64_t bias = 0;  ///< address in the target less address in the file
};

/// Address in the target less address in the file, by the first of the file's mappings.
std::uint64_t bias_of(const binary::Elf& elf, const target::FileMapping& first);

/// Opens the file behind a mapping.
using OpenMapped = std::function<Result<binary::Elf>(const target::FileMapping&)>;

/// The first library of Go among the mapped files: a program of another language that has loaded
/// one built with -buildmode=c-shared. `not_go` when there is none.
Result<Image> find_go_library(const std::vector<target::FileMapping>& files,
                              const OpenMapped& open);

/// Whether the file holds a Go runtime; where it does not, why.
Result<void> check_go(const binary::Elf& elf);

}  // namespace chanspect::capture
