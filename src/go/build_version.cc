// runtime.buildVersion (runtime/extern.go; set by the linker) is a string: a pointer to the text
// and its length, side by side in the data. In a position-independent program the pointer is a
// relocation, whose addend is the text's address.

#include "go/build_version.h"

#include <elf.h>

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "go/arch.h"
#include "go/find_pclntab.h"
#include "go/release.h"

namespace chanspect::go {
namespace {

constexpr std::uint64_t kShortest = 6;            // "go1.18"
constexpr std::uint64_t kLongest = 256;           // with the names of experiments
constexpr std::uint64_t kMostData = 256U << 20;   // that is searched
constexpr std::uint64_t kMostStrings = 1U << 22;  // that are looked at

class VersionSearch {
 public:
  explicit VersionSearch(const binary::Elf& elf) : elf_(elf) {
    std::uint64_t left = kMostData;
    for (const binary::Segment& segment : elf.segments()) {
      if (segment.type != PT_LOAD || (segment.flags & unsigned{PF_W}) == 0 ||
          segment.file_size > left)
        continue;
      Data data{segment.address, std::vector<std::byte>(segment.file_size)};
      if (!elf.copy_at_address(segment.address, data.bytes)) continue;
      left -= segment.file_size;
      data_.push_back(std::move(data));
    }
  }

  std::optional<Release> best() {
    for (const Data& data : data_)
      for (std::uint64_t at = (8 - data.address % 8) % 8; at + 16 <= data.bytes.size(); at += 8)
        consider(*load<std::uint64_t>(data.bytes, at), *load<std::uint64_t>(data.bytes, at + 8));
    consider_relocations();
    return best_;
  }

 private:
  struct Data {
    std::uint64_t address;
    std::vector<std::byte> bytes;
  };

  void consider(std::uint64_t address, std::uint64_t length) {
    if (address == 0 || length < kShortest || length > kLongest || strings_ == kMostStrings) return;
    ++strings_;
    std::string text(length, '\0');
    const auto bytes = std::as_writable_bytes(std::span(text));
    if (!elf_.copy_at_address(address, bytes)) return;
    if (!text.starts_with("go1.") && !text.starts_with("devel ")) return;
    auto release = parse_release(text);
    if (!release || (best_ && !is_likelier(*release, *best_))) return;
    best_ = std::move(*release);
  }

  /// A program may hold names of other releases as well ("go1.18" as a language version): its own
  /// is the newest, and has a patch number.
  static bool is_likelier(const Release& a, const Release& b) {
    const bool a_whole = a.patch != 0 || a.prerelease, b_whole = b.patch != 0 || b.prerelease;
    return a_whole != b_whole ? a_whole : a > b;
  }

  /// R_X86_64_RELATIVE and R_AARCH64_RELATIVE of the dynamic section's table.
  void consider_relocations() {
    const std::uint32_t relative =
        elf_.machine() == EM_AARCH64 ? R_AARCH64_RELATIVE : R_X86_64_RELATIVE;
    const Bytes table = relocations();
    for (std::uint64_t at = 0; const auto entry = load<Elf64_Rela>(table, at);
         at += sizeof *entry) {
      if (ELF64_R_TYPE(entry->r_info) != relative) continue;
      if (const auto length = word_at(entry->r_offset + 8))
        consider(static_cast<std::uint64_t>(entry->r_addend), *length);
    }
  }

  Bytes relocations() const {
    for (const binary::Segment& segment : elf_.segments()) {
      if (segment.type != PT_DYNAMIC) continue;
      const Bytes dynamic = elf_.contents(segment);
      std::uint64_t address = 0, size = 0;
      for (std::uint64_t at = 0; const auto entry = load<Elf64_Dyn>(dynamic, at);
           at += sizeof *entry) {
        if (entry->d_tag == DT_RELA) address = entry->d_un.d_ptr;
        if (entry->d_tag == DT_RELASZ) size = entry->d_un.d_val;
      }
      return elf_.at_address(address, std::min(size, elf_.size())).value_or(Bytes());
    }
    return {};
  }

  std::optional<std::uint64_t> word_at(std::uint64_t address) const {
    for (const Data& data : data_)
      if (address >= data.address)
        if (const auto word = load<std::uint64_t>(data.bytes, address - data.address)) return word;
    return std::nullopt;
  }

  const binary::Elf& elf_;
  std::vector<Data> data_;
  std::uint64_t strings_ = 0;
  std::optional<Release> best_;
};

bool has_go_functions(const binary::Elf& elf) {
  if (!pclntab_sections(elf).empty() || !elf.go_build_id().empty()) return true;
  const auto arch = arch_of(elf);
  return arch && !pclntabs_by_look(elf, *arch).empty();
}

std::optional<std::string> by_symbol(const binary::Elf& elf) {
  static constexpr std::string_view kVariable[] = {"runtime.buildVersion"};
  const auto symbol = elf.find_symbols(kVariable)[0];
  if (!symbol) return std::nullopt;
  const auto header = elf.at_address(symbol->address, 16);
  if (!header) return std::nullopt;
  const std::uint64_t length = *load<std::uint64_t>(*header, 8);
  if (length > kLongest) return std::nullopt;
  const auto text = elf.at_address(*load<std::uint64_t>(*header, 0), length);
  if (!text || !parse_release(as_text(*text))) return std::nullopt;
  return std::string(as_text(*text));
}

}  // namespace

std::optional<std::string> find_build_version(const binary::Elf& elf) {
  if (auto version = by_symbol(elf)) return version;
  const auto release = VersionSearch(elf).best();
  if (!release || !has_go_functions(elf)) return std::nullopt;
  return release->text;
}

}  // namespace chanspect::go
