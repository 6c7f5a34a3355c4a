#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "binary/elf.h"

namespace chanspect::binary {

/// Structs and variables of one package from an executable's DWARF (4 or 5, compressed or not),
/// read with elfutils' libdw. Names are as Go's linker writes them: "runtime.g",
/// "runtime.semtable".
class DebugInfo {
 public:
  /// Reads the compile units called `package` ("runtime") and indexes what in them is named
  /// "package.…". Go's linker puts the types of the whole program into one unit of package runtime.
  /// `unsupported` when the file has no DWARF, `bad_data` when it cannot be read.
  static Result<DebugInfo> read(const Elf& elf, std::string_view package);

  DebugInfo(DebugInfo&&) noexcept;
  DebugInfo& operator=(DebugInfo&&) noexcept;
  ~DebugInfo();

  /// Size in bytes of a struct.
  std::optional<std::uint32_t> struct_size(std::string_view structure) const;
  /// Offset in bytes of a field, with the path to it through nested structs: "sched.pc".
  std::optional<std::uint32_t> field_offset(std::string_view structure,
                                            std::string_view path) const;

  struct FieldPlace {
    std::string path;  ///< "sched.pc"
    std::uint32_t offset = 0;
  };
  /// All fields of a struct, those of nested structs too. Slices, strings and interfaces, which
  /// DWARF shows as structs, are not entered.
  std::vector<FieldPlace> fields(std::string_view structure) const;

  struct Variable {
    std::uint64_t address = 0;  ///< 0 where DWARF does not tell it as a plain address
    std::uint32_t size = 0;     ///< bytes
  };
  std::optional<Variable> variable(std::string_view name) const;

 private:
  struct Index;
  explicit DebugInfo(std::unique_ptr<Index> index);
  std::unique_ptr<Index> index_;
};

}  // namespace chanspect::binary
