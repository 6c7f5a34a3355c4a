#include "go/arch.h"

#include <elf.h>

#include "binary/elf.h"

namespace chanspect::go {

std::string_view name_of(Arch arch) {
  return arch == Arch::arm64 ? "arm64" : "amd64";
}

Result<Arch> arch_of(const binary::Elf& elf) {
  switch (elf.machine()) {
    case EM_X86_64:
      return Arch::amd64;
    case EM_AARCH64:
      return Arch::arm64;
    default:
      return fail(ErrorCode::unsupported, "cannot read programs for this kind of processor",
                  "ELF machine " + std::to_string(elf.machine()) +
                      "; chanspect knows x86-64 (amd64) and AArch64 (arm64)");
  }
}

}  // namespace chanspect::go
