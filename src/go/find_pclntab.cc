// The table of Go functions in a file, by its look: nothing else begins with this magic, counts of
// functions and files, and ascending offsets.

#include "go/find_pclntab.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"

namespace chanspect::go {
namespace {

constexpr std::uint64_t kMagic118 = 0xfffffff0;  // abi.Go118PCLnTabMagic
constexpr std::uint64_t kMagic120 = 0xfffffff1;  // abi.Go120PCLnTabMagic
constexpr std::size_t kMostHeaders = 64;         // a program that holds other programs as data
constexpr std::uint64_t kPiece = 256U << 10;

/// runtime.pcHeader (symtab.go).
struct PcHeader {
  std::uint64_t magic;  ///< the magic itself, two zero bytes, quantum of pc, size of a pointer
  std::uint64_t functions, files, text_start;
  std::array<std::uint64_t, 5> offsets;  ///< of the tables behind it, which are in this order
};

static_assert(sizeof(PcHeader) == kPcHeaderSize);

/// The first eight bytes that the header of a pclntab has on this processor.
std::uint64_t first_word(std::uint64_t magic, Arch arch) {
  return magic | std::uint64_t{pc_quantum(arch)} << 48 | std::uint64_t{8} << 56;
}

bool is_first_word(std::uint64_t word, Arch arch) {
  return word == first_word(kMagic118, arch) || word == first_word(kMagic120, arch);
}

bool makes_sense(const PcHeader& header, std::uint64_t file_size) {
  return header.functions != 0 && header.functions < file_size && header.files < file_size &&
         header.offsets[0] >= sizeof(PcHeader) && header.offsets.back() < file_size &&
         std::ranges::is_sorted(header.offsets);
}

/// Looks for headers in a part of the file that is loaded as one segment.
void scan_segment(const binary::Elf& elf, const binary::Segment& segment, Arch arch,
                  std::vector<Address>& found) {
  std::vector<std::byte> bytes(std::min(kPiece + sizeof(PcHeader), segment.file_size));
  const std::uint64_t skip = (8 - segment.address % 8) % 8;
  for (std::uint64_t begin = skip; begin < segment.file_size; begin += kPiece) {
    const auto piece =
        std::span(bytes).first(std::min<std::uint64_t>(bytes.size(), segment.file_size - begin));
    if (!elf.copy_at_address(segment.address + begin, piece)) return;
    for (std::uint64_t at = 0; at + sizeof(PcHeader) <= piece.size() && at < kPiece; at += 8) {
      std::uint64_t word;
      std::memcpy(&word, piece.data() + at, sizeof word);
      if (!is_first_word(word, arch)) [[likely]]
        continue;
      if (makes_sense(*load<PcHeader>(piece, at), elf.size()) && found.size() < kMostHeaders)
        found.push_back(segment.address + begin + at);
    }
  }
}

}  // namespace

std::vector<Address> pclntab_sections(const binary::Elf& elf) {
  std::vector<Address> found;
  for (const std::string_view name : {".gopclntab", ".data.rel.ro.gopclntab"})
    if (const auto* section = elf.find_section(name)) found.push_back(section->address);
  return found;
}

std::vector<Address> pclntabs_by_look(const binary::Elf& elf, Arch arch) {
  std::vector<Address> found;
  // Segments that overlap are no linker's work: not to be read again and again.
  std::uint64_t unread = elf.size() + kPiece;
  // It hardly ever lies beside code.
  for (const bool executable : {false, true}) {
    for (const binary::Segment& segment : elf.segments()) {
      if (segment.type != PT_LOAD || ((segment.flags & unsigned{PF_X}) != 0) != executable)
        continue;
      if (segment.file_size > unread) break;
      unread -= segment.file_size;
      scan_segment(elf, segment, arch, found);
    }
    if (!found.empty()) break;
  }
  return found;
}

}  // namespace chanspect::go
