#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chanspect::cli {

/// Text in which each "@name@" has given way to its value. For scripts, whose own braces and
/// percent signs a format string would trip over.
inline std::string filled(std::string text,
                          const std::vector<std::pair<std::string_view, std::string>>& values) {
  for (const auto& [name, value] : values) {
    const std::string place = "@" + std::string(name) + "@";
    for (std::size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += value.size())
      text.replace(at, place.size(), value);
  }
  return text;
}

}  // namespace chanspect::cli
