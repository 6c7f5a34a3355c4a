#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "binary/elf.h"
#include "go/arch.h"
#include "target/memory.h"

namespace chanspect::go {

/// An executable or shared library as it runs: its file, where it was loaded, and the memory it
/// runs in. What never changes (code, read-only data that needs no relocation) is best taken from
/// the file, which costs the target nothing; all else from memory.
class RunningImage {
 public:
  /// All of them must outlive this. `bias` is what the loader added to the file's addresses.
  RunningImage(const target::Memory& memory, const binary::Elf& elf, std::uint64_t bias, Arch arch)
      : memory_(&memory), elf_(&elf), bias_(bias), arch_(arch) {}

  const target::Memory& memory() const { return *memory_; }
  const binary::Elf& elf() const { return *elf_; }
  std::uint64_t bias() const { return bias_; }
  Arch arch() const { return arch_; }

  /// Whether the range lies whole in a segment that is loaded with these rights (PF_X, PF_W).
  bool in_segment(target::Range range, std::uint32_t rights) const;

  /// The parts of its memory that it may write and that come from its file.
  std::vector<target::Range> initialized_data() const;

  /// Up to `most` bytes of code, from the file, or where that is not as it was, from memory.
  std::vector<std::byte> code(target::Range range, std::uint64_t most) const;

 private:
  const target::Memory* memory_;
  const binary::Elf* elf_;
  std::uint64_t bias_;
  Arch arch_;
};

/// Called with bytes and their address; returns whether to go on.
using PieceReader = std::function<bool(Address, Bytes)>;

/// Passes over `range` of the memory in pieces of at most 256 KiB that begin at addresses divisible
/// by 8; each has the first `overlap` bytes of the next one at its end. Pages that cannot be read
/// are left out.
void read_pieces(const target::Memory& memory, target::Range range, std::size_t overlap,
                 const PieceReader& reader);

}  // namespace chanspect::go
