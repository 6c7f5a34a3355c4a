#include <string>

#include "binary/debug_info.h"
#include "go/layout.h"
#include "go/layout_fields.h"

namespace chanspect::go {
namespace {

class DwarfLayouts final : public LayoutSource {
 public:
  explicit DwarfLayouts(const binary::DebugInfo& info) : info_(&info) {}

  std::optional<std::uint32_t> size(std::string_view structure) const override {
    return info_->struct_size(in_runtime(structure));
  }
  std::optional<std::uint32_t> offset(std::string_view structure,
                                      std::string_view path) const override {
    return info_->field_offset(in_runtime(structure), path);
  }
  std::optional<std::uint32_t> variable_size(std::string_view name) const override {
    const auto variable = info_->variable(in_runtime(name));
    return variable ? std::optional(variable->size) : std::nullopt;
  }

 private:
  static std::string in_runtime(std::string_view name) {
    return std::string("runtime.").append(name);
  }
  const binary::DebugInfo* info_;
};

}  // namespace

Result<RuntimeLayout> layout_from_dwarf(const binary::Elf& elf, const Release& release) {
  CS_TRY(const binary::DebugInfo info, binary::DebugInfo::read(elf, "runtime"));
  RuntimeLayout layout;
  layout.release = release;
  layout.source = "DWARF of the executable";
  CS_CHECK(fill_layout(DwarfLayouts(info), layout));
  return layout;
}

}  // namespace chanspect::go
