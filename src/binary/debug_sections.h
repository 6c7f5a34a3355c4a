#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "binary/elf.h"

namespace chanspect::binary {

/// An ELF image that holds nothing but the few sections of `elf` that describe types and variables.
///
/// libdw decompresses every .debug_* section of the file that it opens, most of which are lines,
/// locations and frames that nobody here wants; and it would follow the headers of an untrusted
/// file itself. `unsupported` when there is no .debug_info.
Result<std::vector<std::byte>> copy_debug_sections(const Elf& elf);

}  // namespace chanspect::binary
