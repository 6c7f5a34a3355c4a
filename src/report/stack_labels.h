#pragma once

#include <string>

#include "snapshot/snapshot.h"

namespace chanspect::report {

/// A goroutine's labels as runtime.Stack prints them where it does (traceback.go: goroutineheader):
/// ` labels:{"k": "v"}` inside the brackets of the header in 1.26, ` {k: v}` behind them from 1.27
/// on, where only words with special characters are quoted.
std::string stack_labels(const snapshot::Snapshot& snapshot, const snapshot::Labels& labels,
                         unsigned go_minor);

/// Text in the quotes of the runtime's print (print.go: printquoted).
std::string go_quoted(std::string_view text);

}  // namespace chanspect::report
