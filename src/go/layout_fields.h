#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "go/layout.h"

namespace chanspect::go {

/// Who knows the places of the runtime's fields: the built-in table, or DWARF.
class LayoutSource {
 public:
  LayoutSource() = default;
  LayoutSource(const LayoutSource&) = delete;
  LayoutSource& operator=(const LayoutSource&) = delete;
  virtual ~LayoutSource() = default;

  /// Size in bytes of a struct of package runtime, by its bare name: "g".
  virtual std::optional<std::uint32_t> size(std::string_view structure) const = 0;
  /// Offset in bytes of a field, with the path to it through nested structs: "sched.pc".
  virtual std::optional<std::uint32_t> offset(std::string_view structure,
                                              std::string_view path) const = 0;
  /// Size in bytes of a variable of package runtime: "semtable".
  virtual std::optional<std::uint32_t> variable_size(std::string_view name) const = 0;
};

/// Fills all layouts of `layout` from `source`. `unknown_release`, naming the field, when one is
/// missing that each release must have.
Result<void> fill_layout(const LayoutSource& source, RuntimeLayout& layout);

}  // namespace chanspect::go
