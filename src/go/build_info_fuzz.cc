// Build information from the data segment of an arbitrary ELF file: the input is the segment.

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "go/build_info.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment = {};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_W;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_vaddr = 0x400000;
  segment.p_filesz = segment.p_memsz = size;

  std::vector<std::byte> image(segment.p_offset + size);
  std::memcpy(image.data(), &header, sizeof header);
  std::memcpy(image.data() + sizeof header, &segment, sizeof segment);
  if (size != 0) std::memcpy(image.data() + segment.p_offset, data, size);

  const auto elf = chanspect::binary::Elf::parse(image);
  if (!elf) __builtin_trap();  // the headers are ours
  if (const auto info = chanspect::go::read_build_info(*elf)) {
    const auto release = chanspect::go::parse_release(info->version);
    if (release && release->text != info->version) __builtin_trap();
    (void)info->setting("-race");
  }
  return 0;
}
