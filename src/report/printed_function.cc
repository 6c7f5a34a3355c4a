// Names and versions as runtime/traceback.go has them.

#include <charconv>

#include "report/stack_text.h"

namespace chanspect::report {
namespace {

constexpr std::string_view kDots = "[...]";

/// A generic method of a generic type has two lists of type arguments (since 1.27): where the first
/// ends and the second begins within the outermost brackets; nothing when there is but one list.
struct Inner {
  std::size_t close = std::string_view::npos;
  std::size_t open = std::string_view::npos;
  bool balanced = true;
};

Inner between_lists(std::string_view interior) {
  Inner inner;
  int depth = 1;
  for (std::size_t k = 0; k < interior.size(); ++k) {
    if (interior[k] == '[' && ++depth == 1) {
      inner.open = k;
      break;
    }
    if (interior[k] != ']') continue;
    if (--depth < 0) break;
    if (depth == 0) inner.close = k;
  }
  inner.balanced = depth == 1;
  return inner;
}

}  // namespace

std::string printed_function(std::string_view name, unsigned minor) {
  if (name == "runtime.gopanic") return "panic";
  const std::size_t open = name.find('[');
  const std::size_t close = name.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close <= open)
    return std::string(name);
  const std::string_view interior = name.substr(open + 1, close - open - 1);
  std::string text(name.substr(0, open));
  text += kDots;
  if (minor >= 27 && interior.find('[') != std::string_view::npos) {
    const Inner inner = between_lists(interior);
    const bool two = inner.close != std::string_view::npos;
    if (!inner.balanced || two != (inner.open != std::string_view::npos)) return std::string(name);
    if (two)
      text.append(interior.substr(inner.close + 1, inner.open - inner.close - 1)).append(kDots);
  }
  return text.append(name.substr(close + 1));
}

unsigned go_minor(std::string_view version) {
  constexpr unsigned kUnknown = 1000;
  constexpr std::string_view prefix = "go1.";
  const std::size_t at = version.find(prefix);
  if (at == std::string_view::npos) return kUnknown;
  const std::string_view digits = version.substr(at + prefix.size());
  unsigned minor = kUnknown;
  std::from_chars(digits.data(), digits.data() + digits.size(), minor);
  return minor;
}

}  // namespace chanspect::report
