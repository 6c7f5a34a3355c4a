#pragma once

#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "go/data_references.h"
#include "go/function_table.h"
#include "go/running_image.h"

namespace chanspect::go {

/// The machine code of functions of the runtime, and what it tells of the variables that they use.
class RuntimeCode {
 public:
  /// Looks up `names` ("runtime.allgadd") in one pass. All arguments must outlive this.
  RuntimeCode(const RunningImage& image, const FunctionTable& functions,
              std::span<const std::string_view> names);

  /// What a function refers to among variables; empty where there is no such function.
  std::vector<DataReference> references(std::string_view name) const;

 private:
  const RunningImage* image_;
  std::vector<target::Range> variables_;
  std::map<std::string_view, target::Range> code_;  // by name
};

}  // namespace chanspect::go
