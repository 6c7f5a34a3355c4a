#pragma once

#include <span>
#include <string_view>

#include "go/arch.h"

namespace chanspect::go {

/// One row of data/go-layouts.tsv, as cmake/Layouts.cmake writes it into the program: once for all
/// architectures where it is the same on all.
struct LayoutRow {
  std::string_view kind;         ///< "size", "field", "var", "release"
  std::string_view name;         ///< "runtime.g", "runtime/g.goid", "runtime.semtable", "1.26"
  std::string_view transitions;  ///< "1.18:152 1.23:160 1.25:152"; "-": absent from there on.
                                 ///< Of a release: "1.26:8", the last patch release compared with
  bool amd64 = true, arm64 = true;

  bool is_of(Arch arch) const { return arch == Arch::arm64 ? arm64 : amd64; }
};

std::span<const LayoutRow> layout_rows();

}  // namespace chanspect::go
