#include "cli/wrap.h"

namespace chanspect::cli {

std::string wrap(std::string_view text, std::size_t width, std::size_t indent, std::size_t column) {
  std::string lines;
  bool first_in_line = true;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!first_in_line && column + 1 + word.size() > width) {
      lines += '\n' + std::string(indent, ' ');
      column = indent;
      first_in_line = true;
    }
    if (!first_in_line) lines += ' ';
    column += word.size() + (first_in_line ? 0 : 1);
    lines += word;
    first_in_line = false;
  }
  return lines;
}

}  // namespace chanspect::cli
