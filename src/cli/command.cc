#include "cli/command.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "cli/address.h"
#include "cli/duration.h"

namespace chanspect::cli {
namespace {

Option option(std::string name, std::string value, std::string help, Take take) {
  Option made;
  made.name = std::move(name);
  made.value = std::move(value);
  made.help = std::move(help);
  made.take = std::move(take);
  return made;
}

/// Turns a parser and a place into a Take.
template <class Parse, class Into>
Take store(Parse parse, Into* into) {
  return [parse, into](std::string_view given) -> Result<void> {
    CS_TRY(*into, parse(given));
    return {};
  };
}

Result<std::uint32_t> parse_count(std::string_view given) {
  CS_TRY(const std::uint64_t value,
         parse_number(given, 1, std::numeric_limits<std::uint32_t>::max()));
  return static_cast<std::uint32_t>(value);
}

}  // namespace

Option flag(std::string name, bool* into, std::string help) {
  return option(std::move(name), "", std::move(help), [into](std::string_view) -> Result<void> {
    *into = true;
    return {};
  });
}

Option number(std::string name, std::uint32_t* into, std::string help) {
  return option(std::move(name), "N", std::move(help), store(parse_count, into));
}

Option number(std::string name, std::optional<std::uint32_t>* into, std::string help) {
  return option(std::move(name), "K", std::move(help), store(parse_count, into));
}

Option duration(std::string name, std::int64_t* into, std::string help) {
  return option(std::move(name), "DURATION", std::move(help), store(parse_duration, into));
}

Option address(std::string name, std::optional<snapshot::Address>* into, std::string help) {
  return option(std::move(name), "ADDR", std::move(help), store(parse_address, into));
}

Option text(std::string name, std::string value, std::string* into, std::string help) {
  return option(std::move(name), std::move(value), std::move(help),
                [into](std::string_view given) -> Result<void> {
                  *into = given;
                  return {};
                });
}

Option texts(std::string name, std::string value, std::vector<std::string>* into,
             std::string help) {
  return option(std::move(name), std::move(value), std::move(help),
                [into](std::string_view given) -> Result<void> {
                  into->emplace_back(given);
                  return {};
                });
}

Error no_such_choice(std::string_view given, const std::vector<std::string>& names) {
  std::string listed;
  for (std::size_t i = 0; i < names.size(); ++i)
    listed += (i == 0 ? "" : i + 1 < names.size() ? ", " : " or ") + names[i];
  return {ErrorCode::usage, fmt::format("'{}' is none of its values", given), "say " + listed, {}};
}

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most)
    return fail(ErrorCode::usage,
                most < std::numeric_limits<std::uint32_t>::max()
                    ? fmt::format("'{}' is no number from {} to {}", text, least, most)
                    : fmt::format("'{}' is no number from {} on", text, least));
  return number;
}

}  // namespace chanspect::cli
