#include "cli/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace chanspect::cli {
namespace {

struct Unit {
  std::string_view name;
  double ns = 0;
};

constexpr std::array<Unit, 7> kUnits{{
    {"d", 86400e9},
    {"h", 3600e9},
    {"ms", 1e6},  // before "m", which it begins with
    {"m", 60e9},
    {"s", 1e9},
    {"us", 1e3},
    {"ns", 1},
}};

constexpr double kMost = 9.2e18;  // what an int64 holds: 292 years

/// Takes a unit off the front.
std::optional<Unit> take_unit(std::string_view& text) {
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit;
  }
  return std::nullopt;
}

/// Takes a number such as 90 or 1.5 off the front, without sign or exponent.
std::optional<double> take_number(std::string_view& text) {
  const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789."));
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                            std::chars_format::fixed);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  text.remove_prefix(digits.size());
  return number;
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  const auto off = [&] {
    return fail(ErrorCode::usage, fmt::format("'{}' is no length of time", text),
                "write it as 500ms, 60s, 5m, 2h, 1h30m or 1d");
  };
  if (text == "0") return 0;
  if (text.empty()) return off();
  double total = 0;
  double last_unit = kMost;
  for (std::string_view rest = text; !rest.empty();) {
    const auto number = take_number(rest);
    const auto unit = take_unit(rest);
    if (!number || !unit || unit->ns >= last_unit) return off();
    last_unit = unit->ns;
    total += *number * unit->ns;
  }
  if (total > kMost) return off();
  return static_cast<std::int64_t>(total);
}

}  // namespace chanspect::cli
