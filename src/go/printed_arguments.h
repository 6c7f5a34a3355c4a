#pragma once

#include "go/function_table.h"
#include "go/pclntab.h"

namespace chanspect::go {

/// The template of the arguments that runtime.printArgs prints for `function` at `pc`.
FunctionTable::Arguments printed_arguments(const Pclntab& table, const FuncRecord& function,
                                           Address pc);

}  // namespace chanspect::go
