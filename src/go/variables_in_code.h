#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "go/function_table.h"
#include "go/layout.h"
#include "go/running_image.h"
#include "go/runtime_variables.h"

namespace chanspect::go {

/// Which variables were found how: {"allgs", "code of runtime.allgadd"}.
using Findings = std::vector<std::pair<std::string_view, std::string>>;

/// Fills in what `variables` still lacks by the machine code of functions that use each variable,
/// and adds to `findings`. Candidates that do not look like the variable are passed over.
void find_variables_in_code(const RunningImage& image, const FunctionTable& functions,
                            const RuntimeLayout& layout, RuntimeVariables& variables,
                            Findings& findings);

/// Looks for the list of goroutines in the data of the program by its look alone: a slice of what
/// looks like g's. Leaves `variables` as they are when there is none, or more than one.
void find_allgs_by_look(const RunningImage& image, const FunctionTable& functions,
                        const RuntimeLayout& layout, RuntimeVariables& variables,
                        Findings& findings);

}  // namespace chanspect::go
