// ELF headers, sections, symbols and notes from arbitrary bytes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "binary/elf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using chanspect::binary::Elf;
  const auto elf = Elf::parse(std::as_bytes(std::span(data, size)));
  if (!elf) return 0;

  std::size_t sum = 0;
  for (const auto& section : elf->sections()) sum += elf->contents(section).size();
  for (const auto& segment : elf->segments()) {
    sum += elf->contents(segment).size();
    if (const auto bytes = elf->at_address(segment.address, segment.file_size))
      for (const std::byte byte : *bytes) sum += std::to_integer<std::size_t>(byte);
    (void)elf->at_address(segment.address + 1, ~std::uint64_t{0});
  }
  static constexpr std::array<std::string_view, 3> kNames = {"runtime.allgs", "r", ""};
  for (const auto& symbol : elf->find_symbols(kNames))
    if (symbol) sum += symbol->name.size();
  sum += elf->gnu_build_id().size() + elf->go_build_id().size();
  return sum == ~std::size_t{0} ? 1 : 0;  // so that the reads are not optimised away
}
