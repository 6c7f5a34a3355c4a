#include "cli/build_id.h"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <cstring>
#include <span>

#include "base/bytes.h"

namespace chanspect::cli {
namespace {

constexpr std::uint64_t aligned(std::uint64_t size) {
  return (size + 3) & ~3ULL;
}

/// Looks for NT_GNU_BUILD_ID among the notes of one segment.
std::string build_id_among(Bytes notes) {
  for (std::uint64_t at = 0; const auto header = load<Elf64_Nhdr>(notes, at);) {
    const std::uint64_t name_at = at + sizeof(Elf64_Nhdr);
    const std::uint64_t data_at = name_at + aligned(header->n_namesz);
    const auto name = slice(notes, name_at, header->n_namesz);
    const auto data = slice(notes, data_at, header->n_descsz);
    if (!name || !data) break;
    if (header->n_type == NT_GNU_BUILD_ID && as_text(*name) == std::string_view("GNU\0", 4)) {
      std::string text;
      for (const std::byte byte : *data) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
      return text;
    }
    at = data_at + aligned(header->n_descsz);
  }
  return {};
}

/// Called for the program itself first.
int look_at_program(dl_phdr_info* info,  // NOLINT(misc-const-correctness): a callback's type
                    std::size_t /*size*/, void* into) {
  for (const ElfW(Phdr) & segment : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
    if (segment.p_type != PT_NOTE) continue;
    const auto* begin = reinterpret_cast<const std::byte*>(  // NOLINT(performance-no-int-to-ptr)
        info->dlpi_addr + segment.p_vaddr);
    auto& text = *static_cast<std::string*>(into);
    text = build_id_among(Bytes(begin, segment.p_memsz));
    if (!text.empty()) break;
  }
  return 1;
}

}  // namespace

std::string own_build_id() {
  std::string text;
  dl_iterate_phdr(look_at_program, &text);
  return text;
}

std::string version_line() {
  const std::string build_id = own_build_id();
  return fmt::format("chanspect {} ({})\n", CHANSPECT_VERSION,
                     build_id.empty() ? "no build id" : "build id " + build_id);
}

}  // namespace chanspect::cli
