#include "cli/error_text.h"

#include <string_view>

namespace chanspect::cli {

std::string error_text(const Error& error) {
  std::string text = "chanspect: " + error.message() + "\n";
  std::string_view rest = error.hint;
  for (const char* lead = "  try: "; !rest.empty(); lead = "   or: ") {
    const std::size_t end = rest.find('\n');
    text.append(lead).append(rest.substr(0, end)).append("\n");
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return text;
}

}  // namespace chanspect::cli
