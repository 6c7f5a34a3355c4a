#include "go/release.h"

#include <charconv>
#include <optional>

namespace chanspect::go {
namespace {

constexpr int kLargestNumber = 9999;

/// Takes a small decimal number from the front of `text`.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > kLargestNumber) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// What follows " X:" up to the next space (internal/buildcfg: the experiments that differ from the
/// release's own).
std::string experiments_of(std::string_view text) {
  const auto mark = text.find(" X:");
  if (mark == std::string_view::npos) return {};
  const std::string_view rest = text.substr(mark + 3);
  return std::string(rest.substr(0, rest.find(' ')));
}

/// The word of the version string that names the release: "go1.27rc1" of "devel go1.27rc1 …".
std::string_view release_word(std::string_view text) {
  if (text.starts_with("devel ")) text.remove_prefix(6);
  return text.substr(0, text.find(' '));
}

}  // namespace

std::string Release::name() const {
  if (prerelease) return std::string(release_word(text));
  std::string name = "go1." + std::to_string(minor);
  // The first release of a minor has been written with its patch number since 1.21.
  if (patch != 0 || minor >= 21) name += "." + std::to_string(patch);
  return name;
}

Result<Release> parse_release(std::string_view text, Arch arch) {
  const auto unknown = [&] {
    return fail(ErrorCode::bad_data, "cannot tell the Go release",
                "\"" + std::string(text.substr(0, 100)) + "\" is no version of Go's");
  };
  Release release;
  release.text = text;
  release.arch = arch;
  release.experiments = experiments_of(text);
  release.prerelease = text.starts_with("devel ");

  std::string_view rest = release_word(text);
  if (!rest.starts_with("go1.")) return unknown();
  rest.remove_prefix(4);
  const auto minor = take_number(rest);
  if (!minor) return unknown();
  release.minor = *minor;

  if (rest.starts_with('.')) {  // "go1.26.8", or a vendor's "go1.26.8-1"
    rest.remove_prefix(1);
    const auto patch = take_number(rest);
    if (!patch) return unknown();
    release.patch = *patch;
    if (rest.starts_with("-devel")) release.prerelease = true;
  } else if (!rest.empty()) {  // "go1.27rc1", "go1.27beta1", "go1.28-devel_0123abc"
    if (!rest.starts_with("rc") && !rest.starts_with("beta") && !rest.starts_with('-') &&
        !rest.starts_with('+'))
      return unknown();
    release.prerelease = true;
  }
  return release;
}

}  // namespace chanspect::go
