#pragma once

#include "go/layout.h"
#include "go/running_image.h"

/// Whether an address can be that of a variable of the runtime, told by what lies there: what code
/// or a search offers is believed only if it passes. All of these read a bounded amount, and say no
/// where memory cannot be read.
namespace chanspect::go {

/// A slice as it lies in memory.
struct SliceHeader {
  Address address = 0;
  std::uint64_t length = 0, capacity = 0;

  /// Room for `length` elements of this size, and not more capacity than memory can have.
  bool makes_sense(std::uint64_t element_size) const;
};

/// `length` pointers to g's at `array` (proc.go: allgs). The g's that are looked at (at most 64)
/// must nearly all have what newproc1 and gogo always give a g: a stack whose size is a power of
/// two or none, and if it lives, its own address in sched.g, a goid and a known status.
bool are_gs(const target::Memory& memory, const GLayout& layout, Address array,
            std::uint64_t length);

/// The head of the list of m's (proc.go: allm): each has a g0 that points back to it, up to the
/// last, m0. The newest may be half made.
bool is_allm(const target::Memory& memory, const RuntimeLayout& layout, Address allm);

/// A slice of p's (proc.go: allp), each of which knows its own index.
bool is_allp(const target::Memory& memory, const PLayout& layout, Address allp);

/// The table of semaphores (sema.go: semtable): 251 roots, each empty or of a treap whose address
/// belongs to that root. An unused one cannot be told from other zeroes.
bool is_semtable(const target::Memory& memory, const RuntimeLayout& layout, Address semtable);

/// The GODEBUG settings (runtime1.go: dbgvars), gctrace among them.
bool is_dbgvars(const target::Memory& memory, const Release& release, Address dbgvars);

}  // namespace chanspect::go
