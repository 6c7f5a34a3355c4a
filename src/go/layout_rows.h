#pragma once

#include <span>
#include <string_view>

namespace chanspect::go {

/// One row of data/go-layouts.tsv for amd64, as cmake/Layouts.cmake writes it into the program.
struct LayoutRow {
  std::string_view kind;         ///< "size", "field", "var", "release"
  std::string_view name;         ///< "runtime.g", "runtime/g.goid", "runtime.semtable", "1.26"
  std::string_view transitions;  ///< "1.18:152 1.23:160 1.25:152"; "-": absent from there on.
                                 ///< Of a release: "1.26:8", the last patch release compared with
};

std::span<const LayoutRow> layout_rows();

}  // namespace chanspect::go
