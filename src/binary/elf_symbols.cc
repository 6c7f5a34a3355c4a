#include <elf.h>

#include <array>

#include "binary/elf.h"
#include "binary/elf_image.h"

namespace chanspect::binary {
namespace {

/// The names looked for, by first byte: of the hundreds of thousands of symbols of a large program
/// few share it, so most cost one look into the string table and no comparison.
class WantedNames {
 public:
  explicit WantedNames(std::span<const std::string_view> names) : names_(names) {
    for (std::uint32_t i = 0; i < names.size(); ++i)
      if (!names[i].empty()) by_first_byte_[static_cast<unsigned char>(names[i][0])].push_back(i);
  }

  /// Calls `found(i)` for each wanted name i that lies NUL-ended at `offset` of the string table.
  template <class Found>
  void match(Bytes strings, std::uint64_t offset, Found found) const {
    if (offset >= strings.size()) return;
    const auto& candidates = by_first_byte_[static_cast<unsigned char>(strings[offset])];
    if (candidates.empty()) return;
    const std::string_view rest = as_text(strings.subspan(offset));
    for (const std::uint32_t i : candidates) {
      const std::string_view name = names_[i];
      if (rest.size() > name.size() && rest[name.size()] == '\0' && rest.starts_with(name))
        found(i);
    }
  }

 private:
  std::span<const std::string_view> names_;
  std::array<std::vector<std::uint32_t>, 256> by_first_byte_;
};

const Section* symbol_table(const std::vector<Section>& sections) {
  for (const std::uint32_t type : {SHT_SYMTAB, SHT_DYNSYM})
    for (const Section& section : sections)
      if (section.type == type && section.size >= 2 * sizeof(Elf64_Sym)) return &section;
  return nullptr;
}

}  // namespace

bool Elf::has_symbols() const {
  return symbol_table(image_->sections) != nullptr;
}

std::vector<std::optional<Symbol>> Elf::find_symbols(
    std::span<const std::string_view> names) const {
  std::vector<std::optional<Symbol>> found(names.size());
  const Section* table = symbol_table(image_->sections);
  if (table == nullptr || table->link >= image_->sections.size()) return found;
  const Bytes symbols = contents(*table);
  const Bytes strings = contents(image_->sections[table->link]);

  const WantedNames wanted(names);
  std::size_t missing = names.size();
  for (std::uint64_t at = 0; missing != 0; at += sizeof(Elf64_Sym)) {
    const auto symbol = load<Elf64_Sym>(symbols, at);
    if (!symbol) break;
    if (symbol->st_shndx == SHN_UNDEF) continue;
    wanted.match(strings, symbol->st_name, [&](std::uint32_t i) {
      if (found[i]) return;  // the first of several of one name
      const auto text = as_text(strings.subspan(symbol->st_name, names[i].size()));
      found[i] = Symbol{text, symbol->st_value, symbol->st_size};
      --missing;
    });
  }
  return found;
}

}  // namespace chanspect::binary
