#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace chanspect::binary {
class Elf;
}

namespace chanspect::go {

/// The kinds of processor whose Go programs can be read. Both are little-endian with words of 64
/// bits; this is all in which they differ for a reader from outside.
enum class Arch : std::uint8_t { amd64, arm64 };

/// As GOARCH calls it.
std::string_view name_of(Arch arch);

/// That of an executable or a core; `unsupported` where it is neither.
Result<Arch> arch_of(const binary::Elf& elf);

/// A call leaves the return address in a register, and the function called saves it at its own sp;
/// on amd64 the call itself pushes it (traceback.go: usesLR).
constexpr bool uses_link_register(Arch arch) {
  return arch == Arch::arm64;
}

/// Bytes between a caller's sp and the arguments that it passes on the stack (sys.MinFrameSize).
constexpr std::uint32_t min_frame_size(Arch arch) {
  return arch == Arch::arm64 ? 8 : 0;
}

/// By this an sp is aligned (sys.StackAlign).
constexpr std::uint32_t stack_alignment(Arch arch) {
  return arch == Arch::arm64 ? 16 : 8;
}

/// Bytes of the shortest instruction, in which the pclntab counts (sys.PCQuantum).
constexpr std::uint32_t pc_quantum(Arch arch) {
  return arch == Arch::arm64 ? 4 : 1;
}

}  // namespace chanspect::go
