#pragma once

#include <string>

namespace chanspect::cli {

/// From now on SIGINT, SIGTERM and SIGHUP first remove the file at `path` (if it is there) and then
/// end the program as they would anyway: it dies by the signal. One path at a time; empty: none.
void remove_when_interrupted(const std::string& path);

/// Likewise first erase the line that the cursor stands on at the terminal of standard error.
void erase_line_when_interrupted(bool erase);

}  // namespace chanspect::cli
