#include "report/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace chanspect::report {
namespace {

constexpr std::int64_t kMicrosecond = 1'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// The first byte of a character in UTF-8, or a byte on its own.
bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

std::string two_units(std::int64_t major, char major_name, std::int64_t minor, char minor_name) {
  return minor == 0 ? fmt::format("{}{}", major, major_name)
                    : fmt::format("{}{}{}{}", major, major_name, minor, minor_name);
}

/// The byte at which the character number `n` begins.
std::size_t byte_of_character(std::string_view text, std::size_t n) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (starts_character(text[at]) && n-- == 0) break;
  return at;
}

}  // namespace

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string hex(std::uint64_t number) {
  return fmt::format("{:#x}", number);
}

std::string duration(std::int64_t ns) {
  const std::int64_t s = ns / kSecond;
  if (ns < kMicrosecond) return fmt::format("{} ns", ns);
  if (ns < kMillisecond) return fmt::format("{} us", ns / kMicrosecond);
  if (ns < kSecond) return fmt::format("{} ms", ns / kMillisecond);
  if (s < 10) {
    const std::int64_t tenths = ns / (kSecond / 10) % 10;
    return tenths == 0 ? fmt::format("{}s", s) : fmt::format("{}.{}s", s, tenths);
  }
  if (s < 60) return fmt::format("{}s", s);
  if (s < 600) return two_units(s / 60, 'm', s % 60, 's');
  if (s < 3600) return fmt::format("{}m", s / 60);
  if (s < 86400) return two_units(s / 3600, 'h', s / 60 % 60, 'm');
  return two_units(s / 86400, 'd', s / 3600 % 24, 'h');
}

std::string at_least(std::int64_t ns) {
  return ns == snapshot::kUnknown ? "-" : ">= " + duration(ns);
}

std::string seconds(std::int64_t ns) {
  ns = std::max<std::int64_t>(ns, 0);
  std::string text = std::to_string(ns / kSecond);
  std::int64_t rest = ns % kSecond;
  if (rest == 0) return text;
  text.push_back('.');
  for (std::int64_t digit = kSecond / 10; rest != 0; rest %= digit, digit /= 10)
    text.push_back(static_cast<char>('0' + rest / digit));
  return text;
}

std::string plural(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", with_commas(number), noun, number == 1 ? "" : "s");
}

std::string_view short_path(std::string_view path) {
  const std::size_t last = path.rfind('/');
  if (last == std::string_view::npos || last == 0) return path;
  const std::size_t before = path.rfind('/', last - 1);
  return before == std::string_view::npos ? path : path.substr(before + 1);
}

std::string short_function(std::string_view name) {
  // Slashes within brackets are in type arguments, not in the package's path.
  const std::string_view head = name.substr(0, name.find('['));
  const std::size_t slash = head.rfind('/');
  std::string text(slash == std::string_view::npos ? name : name.substr(slash + 1));
  const std::size_t open = text.find('[');
  const std::size_t close = text.rfind(']');
  if (open != std::string::npos && close != std::string::npos && close > open)
    text.erase(open, close - open + 1);
  return text;
}

std::string printable(std::string_view text) {
  if (std::ranges::none_of(text, is_control)) return std::string(text);
  std::string clean;
  for (const char c : text) {
    if (is_control(c))
      clean += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      clean.push_back(c);
  }
  return clean;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

std::string fit_path(std::string_view path, std::size_t columns) {
  if (columns_of(path) <= columns) return std::string(path);
  const std::string_view base = path.substr(path.rfind('/') + 1);
  if (base.size() < path.size() && columns_of(base) + 2 <= columns)
    return fmt::format("…/{}", base);
  return cut_middle(base, columns);
}

std::string fit_function(std::string_view name, std::size_t columns) {
  if (columns_of(name) <= columns) return std::string(name);
  const std::string_view within = name.substr(name.find('.') + 1);
  if (within.size() < name.size() && columns_of(within) < columns)
    return fmt::format("…{}", within);
  return cut_middle(name, columns);
}

std::string cut_middle(std::string_view text, std::size_t columns) {
  const std::size_t have = columns_of(text);
  if (have <= columns) return std::string(text);
  if (columns == 0) return {};
  // The end says more than the beginning: a method's name, a file's line.
  const std::size_t front = (columns - 1) / 3;
  const std::size_t back = columns - 1 - front;
  return fmt::format("{}…{}", text.substr(0, byte_of_character(text, front)),
                     text.substr(byte_of_character(text, have - back)));
}

}  // namespace chanspect::report
