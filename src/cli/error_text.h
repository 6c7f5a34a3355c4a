#pragma once

#include <string>

#include "base/result.h"

namespace chanspect::cli {

/// An error as standard error shows it:
///   chanspect: cannot read process 4242: why
///     try: the command that would work
///      or: another
std::string error_text(const Error& error);

}  // namespace chanspect::cli
