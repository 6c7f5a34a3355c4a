#include "target/core_kind.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace chanspect::target {
namespace {

using namespace std::string_view_literals;

bool begins_with(Bytes bytes, std::string_view magic, std::size_t offset = 0) {
  return bytes.size() >= offset + magic.size() &&
         std::memcmp(bytes.data() + offset, magic.data(), magic.size()) == 0;
}

std::string kind_of_elf(Bytes start) {
  switch (load<std::uint16_t>(start, offsetof(Elf64_Ehdr, e_type)).value_or(ET_NONE)) {
    case ET_EXEC:
      return "an executable";
    case ET_DYN:
      return "an executable or a shared library";
    case ET_REL:
      return "an object file";
    case ET_CORE:
      return "a core";
    default:
      return "an ELF file of an unknown kind";
  }
}

/// No control characters but those that texts have.
bool is_text(Bytes start) {
  return std::ranges::all_of(start, [](std::byte byte) {
    const auto c = std::to_integer<unsigned char>(byte);
    return c >= 0x20 ? c != 0x7f : c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0x1b;
  });
}

}  // namespace

Compression compression_of(Bytes start) {
  if (begins_with(start, "\x1f\x8b\x08")) return Compression::gzip;
  if (begins_with(start, "\x28\xb5\x2f\xfd")) return Compression::zstd;
  if (begins_with(start, "\xfd\x37zXZ\0"sv)) return Compression::xz;
  if (begins_with(start, "\x04\x22\x4d\x18")) return Compression::lz4;
  if (begins_with(start, "BZh")) return Compression::bzip2;
  return Compression::none;
}

std::string_view unpacking_command(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return "gzip -dk";
    case Compression::zstd:
      return "zstd -d";
    case Compression::xz:
      return "xz -dk";
    case Compression::lz4:
      return "lz4 -d";
    case Compression::bzip2:
      return "bzip2 -dk";
    case Compression::none:
      break;
  }
  return "cat";
}

std::string kind_of_file(Bytes start, std::uint64_t file_size) {
  struct Kind {
    std::string_view magic;
    std::size_t offset = 0;
    std::string_view name;
  };
  static constexpr std::array<Kind, 8> kKinds = {{
      {"#!", 0, "a script"},
      {"ProblemType: ", 0, "a report of apport (apport-unpack takes the core out of it)"},
      {"PK\x03\x04", 0, "a zip archive"},
      {"7z\xbc\xaf\x27\x1c", 0, "a 7z archive"},
      {"ustar", 257, "a tar archive"},
      {"MDMP", 0, "a minidump"},
      {"\xcf\xfa\xed\xfe", 0, "a Mach-O file"},
      {"KDUMP   ", 0, "a dump of a kernel"},
  }};
  if (file_size == 0) return "empty";
  if (begins_with(start, ELFMAG)) return kind_of_elf(start);
  for (const Kind& kind : kKinds)
    if (begins_with(start, kind.magic, kind.offset)) return std::string(kind.name);
  if (std::ranges::all_of(start, [](std::byte b) { return b == std::byte{0}; }))
    return "a file that begins with zeros";
  return is_text(start) ? "a text" : "a file of an unknown kind";
}

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "amd64";
    case EM_AARCH64:
      return "arm64";
    case EM_386:
      return "386";
    case EM_ARM:
      return "arm";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390x";
    case EM_RISCV:
      return "riscv64";
    case EM_LOONGARCH:
      return "loong64";
    case EM_MIPS:
      return "mips";
    default:
      return fmt::format("a processor that ELF numbers {}", machine);
  }
}

}  // namespace chanspect::target
