#pragma once

#include <optional>
#include <string>

#include "binary/elf.h"

namespace chanspect::go {

/// The value of runtime.buildVersion, by which a program without build information still tells its
/// release: by its symbol, or as the string among the file's data that is a version of Go's.
/// Nothing where there is none, or the file holds no Go functions.
std::optional<std::string> find_build_version(const binary::Elf& elf);

}  // namespace chanspect::go
