#include "capture/image_in_core.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/bytes.h"

namespace chanspect::capture {
namespace {

constexpr std::uint64_t kPage = 4096;
/// How far behind the headers notes are looked for.
constexpr std::uint64_t kMostBytes = 16 * kPage;
/// Loads of other things may come before the executable, but no more than a few.
constexpr std::size_t kMostTried = 64;

/// Section headers are never mapped; what tells where they are would only mislead.
void forget_sections(std::vector<std::byte>& bytes) {
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  header.e_shoff = 0;
  header.e_shnum = header.e_shstrndx = 0;
  std::memcpy(bytes.data(), &header, sizeof(header));
}

/// How many bytes of a mapping the core itself holds from an address on: not those of a file that
/// was attached to it, which would be compared with itself.
std::uint64_t saved_from(const target::CoreFile& core, Address address) {
  const auto next = std::ranges::upper_bound(
      core.mappings(), address, {}, [](const target::CoreMapping& m) { return m.memory.address; });
  if (next == core.mappings().begin()) return 0;
  const target::CoreMapping& mapping = *std::prev(next);
  const std::uint64_t into = address - mapping.memory.address;
  return into < mapping.saved ? mapping.saved - into : 0;
}

std::string path_at(const target::CoreFile& core, Address address) {
  for (const target::FileMapping& mapping : core.files())
    if (mapping.memory.contains(address)) return mapping.path;
  return {};
}

}  // namespace

std::optional<ImageInCore> image_at(const target::CoreFile& core, Address base) {
  const std::uint64_t size = std::min(saved_from(core, base), kMostBytes);
  if (size < sizeof(Elf64_Ehdr)) return std::nullopt;
  auto bytes = std::make_unique<std::vector<std::byte>>(size);
  if (!core.read(base, *bytes)) return std::nullopt;
  if (std::memcmp(bytes->data(), ELFMAG, SELFMAG) != 0) return std::nullopt;
  forget_sections(*bytes);
  auto elf = binary::Elf::parse(*bytes);
  if (!elf || (elf->type() != ET_EXEC && elf->type() != ET_DYN)) return std::nullopt;
  return ImageInCore{std::move(bytes), std::move(*elf)};
}

std::string executable_path(const target::CoreFile& core) {
  const target::CoreFacts& facts = core.facts();
  // AT_ENTRY lies in the executable also where the kernel starts its interpreter first.
  std::string path = facts.entry_point != 0 ? path_at(core, facts.entry_point) : std::string();
  if (path.empty() && facts.program_headers != 0) path = path_at(core, facts.program_headers);
  return path;
}

Address base_of_file(const target::CoreFile& core, std::string_view path) {
  if (path.empty()) return 0;
  for (const target::FileMapping& mapping : core.files())
    if (mapping.path == path && mapping.file_offset == 0) return mapping.memory.address;
  return 0;
}

Address base_of_executable(const target::CoreFile& core) {
  if (const Address base = base_of_file(core, executable_path(core)); base != 0) return base;
  const auto is_image = [&](Address base) { return base != 0 && image_at(core, base).has_value(); };
  // The program headers lie right behind the file's first header.
  const Address from_headers = core.facts().program_headers & ~(kPage - 1);
  if (is_image(from_headers)) return from_headers;
  // The notes were cut off: executables lie below their libraries.
  std::size_t tried = 0;
  for (const target::CoreMapping& mapping : core.mappings()) {
    if (mapping.saved == 0) continue;
    if (is_image(mapping.memory.address)) return mapping.memory.address;
    if (++tried == kMostTried) break;
  }
  return 0;
}

}  // namespace chanspect::capture
