// Static data on arm64: ADRP puts the address of a page into a register; ADD, loads and stores with
// an immediate offset reach into it (Arm ARM, C4.1). Go's assembler always writes the two next to
// each other, and loads through the sum of ADRP and ADD for what is atomic or an array.

#include "go/data_references_arm64.h"

#include <array>
#include <optional>

namespace chanspect::go {
namespace {

using Kind = DataReference::Kind;

constexpr std::uint32_t kZeroRegister = 31;

std::int64_t sign_extend(std::uint64_t value, unsigned bits) {
  const unsigned shift = 64 - bits;
  return static_cast<std::int64_t>(value << shift) >> shift;
}

/// The pages that registers hold, as long as nothing else is known to have been put there.
class Pages {
 public:
  void set(std::uint32_t reg, Address page) {
    if (reg != kZeroRegister) pages_[reg] = page;
  }
  void forget(std::uint32_t reg) { pages_[reg].reset(); }
  void forget_all() { pages_.fill(std::nullopt); }
  std::optional<Address> operator[](std::uint32_t reg) const { return pages_[reg]; }

 private:
  std::array<std::optional<Address>, 32> pages_;
};

bool is_adrp(std::uint32_t word) {
  return (word & 0x9f000000) == 0x90000000;
}
bool is_add_immediate(std::uint32_t word) {
  return (word & 0xff800000) == 0x91000000;
}
/// LDR and STR (also of bytes, halves, and with sign) with an unsigned, scaled offset; integers.
bool is_load_store(std::uint32_t word) {
  return (word & 0x3f000000) == 0x39000000;
}
/// Whatever ends a straight run of code: branches, calls, returns, exceptions.
bool is_branch(std::uint32_t word) {
  return (word & 0x1c000000) == 0x14000000;
}

Address adrp_page(std::uint32_t word, Address pc) {
  const std::uint64_t immediate = (std::uint64_t{word >> 5 & 0x7ffff} << 2) | (word >> 29 & 3);
  return (pc & ~Address{0xfff}) + (static_cast<Address>(sign_extend(immediate, 21)) << 12);
}

}  // namespace

std::vector<DataReference> arm64_references(Bytes code, Address entry) {
  std::vector<DataReference> references;
  Pages pages;
  for (std::uint64_t at = 0; const auto word = load<std::uint32_t>(code, at); at += 4) {
    const std::uint32_t to = *word & 31;
    const std::uint32_t from = *word >> 5 & 31;
    const std::uint32_t immediate = *word >> 10 & 0xfff;
    if (is_adrp(*word)) {
      pages.set(to, adrp_page(*word, entry + at));
    } else if (is_add_immediate(*word)) {
      const auto page = pages[from];
      const bool shifted = (*word & 0x400000) != 0;
      if (page && !shifted) references.push_back({*page + immediate, Kind::address, 0});
      pages.forget(to);
    } else if (is_load_store(*word)) {
      const unsigned scale = *word >> 30;
      const bool stores = (*word >> 22 & 3) == 0;
      if (const auto page = pages[from])
        references.push_back({*page + (Address{immediate} << scale),
                              stores ? Kind::store : Kind::load,
                              static_cast<std::uint8_t>(1U << scale)});
      if (!stores) pages.forget(to);
    } else if (is_branch(*word)) {
      pages.forget_all();
    } else {
      pages.forget(to);
    }
  }
  return references;
}

}  // namespace chanspect::go
