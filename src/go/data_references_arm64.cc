// Static data on arm64: ADRP puts the address of a page into a register; ADD, loads and stores with
// an immediate offset reach into it (Arm ARM, C4.1). Go's assembler writes the two next to each
// other; up to 1.21 it always adds, into its own register R27, before it loads or stores.

#include "go/data_references_arm64.h"

#include <array>
#include <optional>

namespace chanspect::go {
namespace {

using Kind = DataReference::Kind;

constexpr std::uint32_t kZeroRegister = 31;
constexpr std::uint32_t kAssemblersRegister = 27;  // REGTMP

std::int64_t sign_extend(std::uint64_t value, unsigned bits) {
  const unsigned shift = 64 - bits;
  return static_cast<std::int64_t>(value << shift) >> shift;
}

bool is_adrp(std::uint32_t word) {
  return (word & 0x9f000000) == 0x90000000;
}
/// Not shifted.
bool is_add_immediate(std::uint32_t word) {
  return (word & 0xffc00000) == 0x91000000;
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

class Reader {
 public:
  void read(std::uint32_t word, Address pc) {
    const std::uint32_t to = word & 31;
    if (is_adrp(word))
      set(to, {adrp_page(word, pc), false});
    else if (is_add_immediate(word))
      add(to, word);
    else if (is_load_store(word))
      load_or_store(to, word);
    else if (is_branch(word))
      known_.fill(std::nullopt);
    else
      known_[to].reset();
  }

  std::vector<DataReference> references;

 private:
  struct Known {
    Address address = 0;
    bool whole = false;  ///< no mere page: the last reference is to it
  };

  void set(std::uint32_t reg, Known known) {
    if (reg != kZeroRegister) known_[reg] = known;
  }

  static std::uint32_t immediate_of(std::uint32_t word) { return word >> 10 & 0xfff; }
  static std::uint32_t base_of(std::uint32_t word) { return word >> 5 & 31; }

  void add(std::uint32_t to, std::uint32_t word) {
    const auto base = known_[base_of(word)];
    known_[to].reset();
    if (!base) return;
    const Address place = base->address + immediate_of(word);
    references.push_back({place, Kind::address, 0});
    set(to, {place, true});
  }

  void load_or_store(std::uint32_t to, std::uint32_t word) {
    const std::uint32_t from = base_of(word);
    const auto base = known_[from];
    const unsigned scale = word >> 30;
    const bool stores = (word >> 22 & 3) == 0;
    if (base) {
      // What the assembler has added up was no address that anybody took.
      if (base->whole && from == kAssemblersRegister) references.pop_back();
      references.push_back({base->address + (Address{immediate_of(word)} << scale),
                            stores ? Kind::store : Kind::load,
                            static_cast<std::uint8_t>(1U << scale)});
      if (from == kAssemblersRegister) known_[from].reset();
    }
    if (!stores) known_[to].reset();
  }

  std::array<std::optional<Known>, 32> known_;
};

}  // namespace

std::vector<DataReference> arm64_references(Bytes code, Address entry) {
  Reader reader;
  for (std::uint64_t at = 0; const auto word = load<std::uint32_t>(code, at); at += 4)
    reader.read(*word, entry + at);
  return std::move(reader.references);
}

}  // namespace chanspect::go
