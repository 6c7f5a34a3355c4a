#pragma once

#include <string>

namespace chanspect::cli {

/// The GNU build id of this very program, from the note in its own memory; empty without one.
std::string own_build_id();

/// What --version prints: "chanspect 0.1.0 (build id …)".
std::string version_line();

}  // namespace chanspect::cli
