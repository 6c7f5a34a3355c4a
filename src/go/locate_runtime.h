#pragma once

#include <string>

#include "base/result.h"
#include "go/function_table.h"
#include "go/layout.h"
#include "go/running_image.h"
#include "go/runtime_variables.h"

namespace chanspect::go {

/// What was found out about where a program's runtime keeps its data.
struct LocatedRuntime {
  RuntimeVariables variables;
  FunctionTable functions;
  /// How each variable was found: "symbol table", or for a stripped program what told them, and
  /// which ones stay unknown.
  std::string source;
};

/// Finds the variables of the runtime and its functions, by the symbol table as far as that goes.
/// In a stripped program the functions still have names: the machine code of some of them tells the
/// variables' addresses; the list of goroutines can be found by its look as well. Each address that
/// no symbol vouches for is held against what lies there before it is believed.
///
/// The list of goroutines and the modules are always found; the rest may stay 0. `bad_data` where
/// they are not, `unsupported` where the list of goroutines could be anything, and the errors of
/// `memory`, which must outlive the result.
Result<LocatedRuntime> locate_runtime(const RunningImage& image, const RuntimeLayout& layout);

}  // namespace chanspect::go
