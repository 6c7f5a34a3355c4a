#include <elf.h>

#include <type_traits>

#include "binary/elf.h"

namespace chanspect::binary {
namespace {

constexpr std::uint32_t kGoBuildIdNote = 4;  // cmd/link/internal/ld/elf.go: ELF_NOTE_GOBUILDID_TAG
constexpr std::size_t kLongestBuildId = 1024;
// Linkers write two or three small ones; a hostile file must not make us read it a million times.
constexpr std::size_t kMostNoteParts = 64;
constexpr std::uint64_t kLargestNotePart = 1 << 20;

std::uint64_t align4(std::uint64_t size) {
  return (size + 3) & ~std::uint64_t{3};
}

/// The descriptor of the first note of `owner` and `type` among the notes of one section or
/// segment.
std::optional<Bytes> find_note(Bytes notes, std::string_view owner, std::uint32_t type) {
  std::uint64_t at = 0;
  while (const auto header = load<Elf64_Nhdr>(notes, at)) {
    const std::uint64_t name_at = at + sizeof(Elf64_Nhdr);
    const std::uint64_t text_at = name_at + align4(header->n_namesz);
    const auto name = slice(notes, name_at, header->n_namesz);
    const auto text = slice(notes, text_at, header->n_descsz);
    if (!name || !text) return std::nullopt;
    // The owner's name counts its NUL, Go's linker pads it with one more.
    std::string_view name_text = as_text(*name);
    while (name_text.ends_with('\0')) name_text.remove_suffix(1);
    if (header->n_type == type && name_text == owner) return text;
    at = text_at + align4(header->n_descsz);
  }
  return std::nullopt;
}

/// The same over all notes of the file: by sections, or by segments where those were cut off.
template <class Part>
Bytes find_note(const Elf& elf, const std::vector<Part>& parts, std::uint32_t part_type,
                std::string_view owner, std::uint32_t type) {
  std::size_t looked_at = 0;
  for (const Part& part : parts) {
    if (part.type != part_type) continue;
    if (++looked_at > kMostNoteParts) break;
    std::uint64_t size = 0;
    if constexpr (std::is_same_v<Part, Section>) {
      size = part.size;
    } else {
      size = part.file_size;
    }
    if (size > kLargestNotePart) continue;
    if (const auto text = find_note(elf.contents(part), owner, type)) return *text;
  }
  return {};
}

Bytes find_note(const Elf& elf, std::string_view owner, std::uint32_t type) {
  const Bytes text = find_note(elf, elf.sections(), SHT_NOTE, owner, type);
  return text.empty() ? find_note(elf, elf.segments(), PT_NOTE, owner, type) : text;
}

}  // namespace

std::string Elf::gnu_build_id() const {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  const Bytes id = find_note(*this, "GNU", NT_GNU_BUILD_ID);
  std::string text;
  if (id.size() > kLongestBuildId) return text;
  for (const std::byte byte : id) {
    text.push_back(kDigits[std::to_integer<unsigned>(byte) >> 4]);
    text.push_back(kDigits[std::to_integer<unsigned>(byte) & 15]);
  }
  return text;
}

std::string Elf::go_build_id() const {
  const Bytes id = find_note(*this, "Go", kGoBuildIdNote);
  return id.size() <= kLongestBuildId ? std::string(as_text(id)) : std::string();
}

}  // namespace chanspect::binary
