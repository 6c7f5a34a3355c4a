#pragma once

#include <cstdint>
#include <string>

namespace chanspect::cli {

/// What a word that could be the path of a file leads to.
enum class TargetFile : std::uint8_t {
  none,        ///< no such file, or no regular one
  executable,  ///< a program or library: it means the process that runs it
  core,        ///< a core, or a compressed file
  other,
};

TargetFile kind_of_target_file(const std::string& path);

}  // namespace chanspect::cli
