#include "cli/address.h"

#include <fmt/format.h>

#include <charconv>

namespace chanspect::cli {

Result<snapshot::Address> parse_address(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
  snapshot::Address address = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address, 16);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return fail(ErrorCode::usage, fmt::format("'{}' is no address", text),
                "write it in hexadecimal, as 0xc00012a000");
  return address;
}

}  // namespace chanspect::cli
