#include "capture/image.h"

#include <elf.h>

#include <algorithm>
#include <set>
#include <string>

#include "go/build_info.h"

namespace chanspect::capture {
namespace {

/// UPX unpacks the program into memory of its own making: no file has its addresses.
bool is_packed(const binary::Elf& elf) {
  if (!elf.sections().empty() || elf.segments().empty()) return false;
  constexpr std::uint64_t kFront = 4096;
  for (const binary::Segment& segment : elf.segments()) {
    if (segment.type != PT_LOAD) continue;
    const auto bytes =
        elf.at_address(segment.address, std::min<std::uint64_t>(kFront, segment.file_size));
    if (bytes && as_text(*bytes).contains("UPX!")) return true;
  }
  return false;
}

}  // namespace

std::uint64_t bias_of(const binary::Elf& elf, const target::FileMapping& mapping) {
  for (const binary::Segment& segment : elf.segments()) {
    if (segment.type != PT_LOAD) continue;
    // The loader maps whole pages: both ends are the segment's, moved down to a page's front.
    return mapping.memory.address - (segment.address - segment.offset + mapping.file_offset);
  }
  return mapping.memory.address;
}

Result<void> check_go(const binary::Elf& elf) {
  const auto info = go::read_build_info(elf);
  if (info) return {};
  if (is_packed(elf))
    return fail(ErrorCode::unsupported, "the executable is packed with UPX",
                "what it runs lies in no file, so its functions and layouts cannot be looked up",
                "unpack it with upx -d, or build it without UPX, and start it again");
  return std::unexpected(info.error());
}

Result<Image> find_go_library(const std::vector<target::FileMapping>& files,
                              const OpenMapped& open) {
  std::set<std::string> seen;
  for (const target::FileMapping& mapping : files) {
    if (!seen.insert(mapping.path).second) continue;
    auto elf = open(mapping);
    // A mapping of anything else than an ELF file is no library.
    if (!elf || elf->type() != ET_DYN || !check_go(*elf)) continue;
    const std::uint64_t bias = bias_of(*elf, mapping);
    return Image{std::move(*elf), bias};
  }
  return fail(ErrorCode::not_go, "no library of Go is loaded");
}

}  // namespace chanspect::capture
