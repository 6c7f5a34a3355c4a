#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chanspect::go {

/// Takes a Go string literal, "…" with its escapes or `…`, from the front of `text` and returns
/// what it stands for (strconv.Unquote); nothing, with `text` untouched, where it is malformed.
std::optional<std::string> take_quoted(std::string_view& text);

}  // namespace chanspect::go
