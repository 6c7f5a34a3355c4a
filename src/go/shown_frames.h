#pragma once

#include <string_view>

#include "go/function_table.h"
#include "go/release.h"

namespace chanspect::go {

/// What a function's name and number alone say about showing it.
struct FrameClass {
  bool shown_by_name = false;  ///< runtime.Stack shows it, whatever surrounds it, wrappers apart
  bool wrapper = false;        ///< hidden unless it called into a panic
  bool gopanic = false;        ///< shown unless it would be the first
  bool passing = false;        ///< of the packages that one goes through to wait: runtime, sync, …
  bool runtime = false;        ///< of package runtime and its parts
};

FrameClass classify(std::string_view function, FuncId id, const Release& release);

/// Whether runtime.Stack shows a frame (traceback.go: showframe, at the default level). `first`:
/// nothing was shown before; `callee`: the next inner frame's function, normal for the innermost.
bool is_shown(const FrameClass& frame, bool first, FuncId callee);

/// The import path of a function's package: "net/http" of "net/http.(*Server).Serve".
std::string_view package_of(std::string_view function);

}  // namespace chanspect::go
