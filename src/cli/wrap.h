#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chanspect::cli {

/// Breaks text at spaces into lines of at most `width` columns, the second and later ones begun
/// with `indent` spaces. `column` is where the first line starts. No line end at the end.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent,
                 std::size_t column = 0);

}  // namespace chanspect::cli
