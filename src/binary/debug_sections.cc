#include "binary/debug_sections.h"

#include <elf.h>

#include <array>
#include <cstring>
#include <string>

namespace chanspect::binary {
namespace {

constexpr auto kWanted =
    std::to_array<std::string_view>({".debug_info", ".debug_abbrev", ".debug_str",
                                     ".debug_line_str", ".debug_str_offsets", ".debug_addr"});
/// Far above the debug information of any Go program, decompressed: a few hundred MB.
constexpr std::uint64_t kLargestSection = std::uint64_t{1} << 30;
/// What deflate can reach, by its format, is 1032.
constexpr std::uint64_t kLargestRatio = 1100;

/// Checks what decompressing will cost before somebody pays for it.
Result<void> check_size(const Section& section, Bytes contents) {
  std::uint64_t size = contents.size();
  if ((section.flags & SHF_COMPRESSED) != 0) {
    const auto header = load<Elf64_Chdr>(contents, 0);
    if (!header || header->ch_size / kLargestRatio > contents.size())
      return fail(ErrorCode::bad_data, "cannot read the DWARF",
                  "its compressed sections claim an impossible size");
    size = header->ch_size;
  }
  if (size > kLargestSection)
    return fail(ErrorCode::unsupported, "cannot read the DWARF", "it is larger than 1 GiB");
  return {};
}

/// Collects sections and writes them out as an ELF file.
class ImageWriter {
 public:
  ImageWriter(std::uint16_t machine, std::uint16_t type, std::uint64_t largest_section)
      : image_(sizeof(Elf64_Ehdr)) {
    image_.reserve(largest_section + largest_section / 4);
    header_.e_machine = machine;
    header_.e_type = type;
    sections_.emplace_back();  // section 0 is the null section
  }

  void add(std::string_view name, std::uint32_t type, std::uint64_t flags, Bytes contents) {
    while (image_.size() % 8 != 0) image_.push_back({});
    Elf64_Shdr section = {};
    section.sh_name = static_cast<Elf64_Word>(names_.size());
    section.sh_type = type;
    section.sh_flags = flags;
    section.sh_offset = image_.size();
    section.sh_size = contents.size();
    section.sh_addralign = 1;
    sections_.push_back(section);
    names_.append(name).push_back('\0');
    image_.insert(image_.end(), contents.begin(), contents.end());
  }

  std::vector<std::byte> finish() && {
    // The table of names holds its own name too, so that goes in before the rest is fixed.
    const std::string names = names_ + std::string(".shstrtab") + '\0';
    add(".shstrtab", SHT_STRTAB, 0, as_bytes(names));
    while (image_.size() % 8 != 0) image_.push_back({});
    std::memcpy(header_.e_ident, ELFMAG, SELFMAG);
    header_.e_ident[EI_CLASS] = ELFCLASS64;
    header_.e_ident[EI_DATA] = ELFDATA2LSB;
    header_.e_ident[EI_VERSION] = EV_CURRENT;
    header_.e_version = EV_CURRENT;
    header_.e_ehsize = sizeof(Elf64_Ehdr);
    header_.e_shoff = image_.size();
    header_.e_shentsize = sizeof(Elf64_Shdr);
    header_.e_shnum = static_cast<Elf64_Half>(sections_.size());
    header_.e_shstrndx = static_cast<Elf64_Half>(sections_.size() - 1);
    const Bytes table = std::as_bytes(std::span(sections_));
    image_.insert(image_.end(), table.begin(), table.end());
    std::memcpy(image_.data(), &header_, sizeof header_);
    return std::move(image_);
  }

 private:
  std::vector<std::byte> image_;
  Elf64_Ehdr header_ = {};
  std::vector<Elf64_Shdr> sections_;
  std::string names_ = std::string(1, '\0');
};

}  // namespace

Result<std::vector<std::byte>> copy_debug_sections(const Elf& elf) {
  const Section* info = elf.find_section(".debug_info");
  if (info == nullptr || elf.contents(*info).empty())
    return fail(ErrorCode::unsupported, "the executable has no DWARF",
                "it was linked with -w or stripped");
  ImageWriter writer(elf.machine(), elf.type(), info->size);
  for (const std::string_view name : kWanted) {
    const Section* section = elf.find_section(name);
    if (section == nullptr) continue;
    const Bytes contents = elf.contents(*section);
    if (contents.empty()) continue;
    CS_CHECK(check_size(*section, contents));
    writer.add(name, SHT_PROGBITS, section->flags & SHF_COMPRESSED, contents);
  }
  return std::move(writer).finish();
}

}  // namespace chanspect::binary
