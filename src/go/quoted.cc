#include "go/quoted.h"

#include <charconv>
#include <cstdint>

namespace chanspect::go {
namespace {

void append_utf8(std::uint32_t rune, std::string& to) {
  const auto tail = [&](unsigned shift) {
    to.push_back(static_cast<char>(0x80U | ((rune >> shift) & 0x3fU)));
  };
  if (rune < 0x80) {
    to.push_back(static_cast<char>(rune));
  } else if (rune < 0x800) {
    to.push_back(static_cast<char>(0xc0U | (rune >> 6U)));
    tail(0);
  } else if (rune < 0x10000) {
    to.push_back(static_cast<char>(0xe0U | (rune >> 12U)));
    tail(6);
    tail(0);
  } else {
    to.push_back(static_cast<char>(0xf0U | (rune >> 18U)));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::optional<std::uint32_t> take_digits(std::string_view& text, std::size_t count, int base) {
  if (text.size() < count) return std::nullopt;
  std::uint32_t number = 0;
  const std::string_view digits = text.substr(0, count);
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number, base);
  if (error != std::errc() || end != digits.end()) return std::nullopt;
  text.remove_prefix(count);
  return number;
}

/// Takes one escape, after its backslash.
bool take_escape(std::string_view& text, std::string& to) {
  static constexpr std::string_view kLetters = "abfnrtv\\'\"", kMeant = "\a\b\f\n\r\t\v\\'\"";
  if (text.empty()) return false;
  const char letter = text.front();
  if (const auto at = kLetters.find(letter); at != std::string_view::npos) {
    to.push_back(kMeant[at]);
    text.remove_prefix(1);
    return true;
  }
  if (letter >= '0' && letter <= '7') {
    const auto byte = take_digits(text, 3, 8);
    if (byte && *byte < 256) to.push_back(static_cast<char>(*byte));
    return byte && *byte < 256;
  }
  text.remove_prefix(1);
  const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  const auto number = digits == 0 ? std::nullopt : take_digits(text, digits, 16);
  if (!number || *number > 0x10ffff) return false;
  if (letter == 'x') {
    to.push_back(static_cast<char>(*number));
  } else {
    append_utf8(*number, to);
  }
  return true;
}

}  // namespace

std::optional<std::string> take_quoted(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  std::string_view rest = text.substr(1);
  std::string meant;
  if (text.front() == '`') {
    const auto end = rest.find('`');
    if (end == std::string_view::npos) return std::nullopt;
    meant = rest.substr(0, end);
    text = rest.substr(end + 1);
    return meant;
  }
  if (text.front() != '"') return std::nullopt;
  while (!rest.empty() && rest.front() != '"') {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\') {
      meant.push_back(c);
    } else if (!take_escape(rest, meant)) {
      return std::nullopt;
    }
  }
  if (rest.empty()) return std::nullopt;
  text = rest.substr(1);
  return meant;
}

}  // namespace chanspect::go
