#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/output.h"

namespace chanspect::testing {

/// What `print(style, out)` writes; throws where it fails.
template <class Print>
std::string printed(const report::Style& style, Print print) {
  std::string text;
  report::Output out(&text);
  if (const Result<void> done = print(style, out); !done)
    throw std::runtime_error(done.error().message());
  return text;
}

inline std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
    if (text.empty() && at != '\n') parts.emplace_back();
  }
  return parts;
}

}  // namespace chanspect::testing
