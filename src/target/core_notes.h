#pragma once

#include <vector>

#include "target/core_file.h"
#include "target/core_headers.h"

namespace chanspect::target {

/// What the notes of a core tell, as far as they are there and make sense.
struct NotedFacts {
  CoreFacts facts;
  std::vector<ThreadRegisters> threads;
  std::vector<FileMapping> files;
};

/// Reads one PT_NOTE of a core of `machine` and adds what it tells. The notes are those of
/// binfmt_elf.c of the kernel, which gdb's gcore and qemu write alike.
void read_core_notes(int file, const CoreNotes& where, std::uint16_t machine, NotedFacts& into);

}  // namespace chanspect::target
