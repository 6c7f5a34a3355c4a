#include "binary/debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <libelf.h>

#include <unordered_map>

#include "binary/debug_sections.h"

namespace chanspect::binary {
namespace {

/// Structs nest a few levels; a broken file may nest for ever.
constexpr int kDeepest = 8;
/// Members of one struct, over all levels: the largest of the runtime's has some 400.
constexpr std::size_t kMostFields = 1 << 14;

struct ElfEnd {
  void operator()(::Elf* elf) const { elf_end(elf); }
};
struct DwarfEnd {
  void operator()(::Dwarf* dwarf) const { dwarf_end(dwarf); }
};

std::string_view name_of(Dwarf_Die& die) {
  const char* name = dwarf_diename(&die);
  return name == nullptr ? std::string_view() : std::string_view(name);
}

std::optional<std::uint64_t> number_attribute(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found;
  Dwarf_Word value = 0;
  if (dwarf_attr(&die, attribute, &found) == nullptr || dwarf_formudata(&found, &value) != 0)
    return std::nullopt;
  return value;
}

/// The type of a member or variable, behind its typedefs.
std::optional<Dwarf_Die> type_of(Dwarf_Die& die) {
  Dwarf_Attribute attribute;
  Dwarf_Die type;
  if (dwarf_attr(&die, DW_AT_type, &attribute) == nullptr ||
      dwarf_formref_die(&attribute, &type) == nullptr)
    return std::nullopt;
  for (int step = 0; step < kDeepest && dwarf_tag(&type) == DW_TAG_typedef; ++step) {
    Dwarf_Die next;
    if (dwarf_attr(&type, DW_AT_type, &attribute) == nullptr ||
        dwarf_formref_die(&attribute, &next) == nullptr)
      return std::nullopt;
    type = next;
  }
  return type;
}

std::optional<std::uint32_t> size_of(Dwarf_Die& type) {
  Dwarf_Word size = 0;
  if (dwarf_aggregate_size(&type, &size) != 0 || size > 0xffffffff) return std::nullopt;
  return static_cast<std::uint32_t>(size);
}

/// The address of a variable whose location is a plain one. Go's linker writes it as a block, which
/// dwarf_getlocation refuses in DWARF 4 and 5.
std::optional<std::uint64_t> address_of(Dwarf_Die& variable) {
  Dwarf_Attribute location;
  Dwarf_Block block;
  if (dwarf_attr(&variable, DW_AT_location, &location) == nullptr ||
      dwarf_formblock(&location, &block) != 0)
    return std::nullopt;
  const Bytes expression = std::as_bytes(std::span(block.data, block.length));
  if (expression.size() != 9 || expression[0] != std::byte{DW_OP_addr}) return std::nullopt;
  return load<std::uint64_t>(expression, 1);
}

/// Calls `visit(member, offset)` for each member of a struct until it returns false.
template <class Visit>
void for_each_member(Dwarf_Die structure, Visit visit) {
  Dwarf_Die child;
  if (dwarf_child(&structure, &child) != 0) return;
  std::size_t count = 0;
  do {
    if (dwarf_tag(&child) != DW_TAG_member) continue;
    const auto offset = number_attribute(child, DW_AT_data_member_location);
    if (!offset || *offset > 0xffffffff) continue;
    if (++count > kMostFields || !visit(child, static_cast<std::uint32_t>(*offset))) return;
  } while (dwarf_siblingof(&child, &child) == 0);
}

/// Whether a type is a struct in the source: DWARF shows slices, strings and interfaces as structs
/// too. Go tells them apart by an attribute of its own (cmd/internal/dwarf: DW_AT_go_kind), but for
/// interfaces, which it shows as the runtime's structs for them.
bool is_struct(Dwarf_Die& type) {
  constexpr unsigned kGoKind = 0x2900, kStruct = 25;  // reflect.Struct
  const std::string_view name = name_of(type);
  return dwarf_tag(&type) == DW_TAG_structure_type && number_attribute(type, kGoKind) == kStruct &&
         name != "runtime.eface" && name != "runtime.iface";
}

void list_fields(Dwarf_Die structure, const std::string& prefix, std::uint32_t base, int depth,
                 std::vector<DebugInfo::FieldPlace>& fields) {
  for_each_member(structure, [&](Dwarf_Die& member, std::uint32_t offset) {
    if (fields.size() >= kMostFields) return false;
    const std::string path = prefix + std::string(name_of(member));
    fields.push_back({path, base + offset});
    if (auto type = type_of(member); type && is_struct(*type) && depth < kDeepest)
      list_fields(*type, path + ".", base + offset, depth + 1, fields);
    return true;
  });
}

}  // namespace

/// libdw's views point into `image`, and names into `dwarf`.
struct DebugInfo::Index {
  std::vector<std::byte> image;
  std::unique_ptr<::Elf, ElfEnd> elf;
  std::unique_ptr<::Dwarf, DwarfEnd> dwarf;
  std::unordered_map<std::string_view, Dwarf_Die> structures;
  std::unordered_map<std::string_view, Dwarf_Die> variables;

  void add_unit(Dwarf_Die& unit, std::string_view prefix);
};

void DebugInfo::Index::add_unit(Dwarf_Die& unit, std::string_view prefix) {
  Dwarf_Die die;
  if (dwarf_child(&unit, &die) != 0) return;
  do {
    const int tag = dwarf_tag(&die);
    if (tag != DW_TAG_structure_type && tag != DW_TAG_variable) continue;
    const std::string_view name = name_of(die);
    if (!name.starts_with(prefix)) continue;
    (tag == DW_TAG_variable ? variables : structures).try_emplace(name, die);
  } while (dwarf_siblingof(&die, &die) == 0);
}

Result<DebugInfo> DebugInfo::read(const Elf& elf, std::string_view package) {
  auto index = std::make_unique<Index>();
  CS_TRY(index->image, copy_debug_sections(elf));
  const auto bad = [](const char* why) {
    return fail(ErrorCode::bad_data, "cannot read the DWARF", why == nullptr ? "" : why);
  };
  elf_version(EV_CURRENT);
  index->elf.reset(elf_memory(reinterpret_cast<char*>(index->image.data()), index->image.size()));
  if (!index->elf) return bad(elf_errmsg(-1));
  index->dwarf.reset(dwarf_begin_elf(index->elf.get(), DWARF_C_READ, nullptr));
  if (!index->dwarf) return bad(dwarf_errmsg(-1));

  const std::string prefix = std::string(package) + ".";
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  while (dwarf_get_units(index->dwarf.get(), unit, &unit, nullptr, nullptr, &die, nullptr) == 0)
    if (name_of(die) == package) index->add_unit(die, prefix);
  return DebugInfo(std::move(index));
}

DebugInfo::DebugInfo(std::unique_ptr<Index> index) : index_(std::move(index)) {}
DebugInfo::DebugInfo(DebugInfo&&) noexcept = default;
DebugInfo& DebugInfo::operator=(DebugInfo&&) noexcept = default;
DebugInfo::~DebugInfo() = default;

std::optional<std::uint32_t> DebugInfo::struct_size(std::string_view structure) const {
  const auto found = index_->structures.find(structure);
  if (found == index_->structures.end()) return std::nullopt;
  Dwarf_Die die = found->second;
  return size_of(die);
}

std::optional<std::uint32_t> DebugInfo::field_offset(std::string_view structure,
                                                     std::string_view path) const {
  const auto found = index_->structures.find(structure);
  if (found == index_->structures.end()) return std::nullopt;
  Dwarf_Die inside = found->second;
  std::uint32_t offset = 0;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    std::optional<Dwarf_Die> member;
    for_each_member(inside, [&](Dwarf_Die& die, std::uint32_t at) {
      if (name_of(die) != name) return true;
      member = die;
      offset += at;
      return false;
    });
    if (!member) return std::nullopt;
    if (path.empty()) return offset;
    const auto type = type_of(*member);
    if (!type) return std::nullopt;
    inside = *type;
  }
  return std::nullopt;
}

std::vector<DebugInfo::FieldPlace> DebugInfo::fields(std::string_view structure) const {
  std::vector<FieldPlace> fields;
  if (const auto found = index_->structures.find(structure); found != index_->structures.end())
    list_fields(found->second, {}, 0, 0, fields);
  return fields;
}

std::optional<DebugInfo::Variable> DebugInfo::variable(std::string_view name) const {
  const auto found = index_->variables.find(name);
  if (found == index_->variables.end()) return std::nullopt;
  Dwarf_Die die = found->second;
  Variable variable;
  variable.address = address_of(die).value_or(0);
  auto type = type_of(die);
  const auto size = type ? size_of(*type) : std::nullopt;
  if (!size) return std::nullopt;
  variable.size = *size;
  return variable;
}

}  // namespace chanspect::binary
