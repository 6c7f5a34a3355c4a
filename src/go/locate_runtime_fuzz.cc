// The whole search for the runtime of a stripped program over an arbitrary file. The input's first
// byte is the release's minor, the second bit by bit: which rights its one segment has, and whether
// it is for arm64. The rest is the segment's bytes, which are also the memory of the program, and
// hence code, tables and data all in one.

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../tests/fuzz/bytes_memory.h"
#include "go/build_version.h"
#include "go/layout_in_code.h"
#include "go/locate_runtime.h"

namespace {

using namespace chanspect;

constexpr Address kBase = 0x400000;

std::vector<std::byte> make_file(std::uint16_t machine, std::uint32_t flags, Bytes bytes) {
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = machine;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment = {};
  segment.p_type = PT_LOAD;
  segment.p_flags = flags;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_vaddr = kBase;
  segment.p_filesz = segment.p_memsz = bytes.size();

  std::vector<std::byte> image(segment.p_offset + bytes.size());
  std::memcpy(image.data(), &header, sizeof header);
  std::memcpy(image.data() + sizeof header, &segment, sizeof segment);
  std::ranges::copy(bytes, image.begin() + static_cast<std::ptrdiff_t>(segment.p_offset));
  return image;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool arm64 = (data[1] & 8) != 0;
  const Bytes bytes = std::as_bytes(std::span(data, size)).subspan(2);
  const auto file = make_file(arm64 ? EM_AARCH64 : EM_X86_64, PF_R | (data[1] & 3U), bytes);
  const auto elf = binary::Elf::parse(file);
  if (!elf) __builtin_trap();  // the headers are ours

  if (const auto version = go::find_build_version(*elf); version && !go::parse_release(*version))
    __builtin_trap();
  go::Release release;
  release.minor = 18 + data[0] % 10;
  release.arch = arm64 ? go::Arch::arm64 : go::Arch::amd64;
  const auto layout = go::layout_from_table(release);
  if (!layout) __builtin_trap();  // the release is known
  const fuzz::BytesMemory memory(kBase, bytes);
  const go::RunningImage image(memory, *elf, 0, release.arch);
  const auto located = go::locate_runtime(image, *layout);
  if (!located) return 0;
  if (located->variables.allgptr == 0 || located->variables.firstmoduledata == 0 ||
      located->source.empty())
    __builtin_trap();
  if (go::check_layout_by_code(image, located->functions, *layout) && arm64) __builtin_trap();
  return 0;
}
