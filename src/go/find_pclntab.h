#pragma once

#include <vector>

#include "binary/elf.h"
#include "go/arch.h"
#include "target/memory.h"

namespace chanspect::go {

/// Bytes of runtime.pcHeader (symtab.go).
inline constexpr std::uint64_t kPcHeaderSize = 72;

/// Addresses, in the file's terms, of the sections that the linker puts a pclntab in. There may be
/// none: an external linker merges it into another, and stripping can drop all section headers.
std::vector<Address> pclntab_sections(const binary::Elf& elf);

/// ... and of what looks like the header of a pclntab, in all of the file, which is read for that.
std::vector<Address> pclntabs_by_look(const binary::Elf& elf, Arch arch);

}  // namespace chanspect::go
