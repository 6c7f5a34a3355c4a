#include "go/layout_table.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "go/layout_rows.h"

namespace chanspect::go {
namespace {

/// Takes "1.23.4" from the front of `text`.
std::optional<Release> take_release(std::string_view& text) {
  Release release;
  if (!text.starts_with("1.")) return std::nullopt;
  const char* end = text.data() + text.size();
  auto minor = std::from_chars(text.data() + 2, end, release.minor);
  if (minor.ec != std::errc()) return std::nullopt;
  if (minor.ptr != end && *minor.ptr == '.') {
    minor = std::from_chars(minor.ptr + 1, end, release.patch);
    if (minor.ec != std::errc()) return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(minor.ptr - text.data()));
  return release;
}

std::vector<Release> read_known_releases(Arch arch) {
  std::vector<Release> releases;
  for (const LayoutRow& row : layout_rows()) {
    std::string_view name = row.name;
    if (row.kind != "release" || !row.is_of(arch)) continue;
    auto release = take_release(name);
    if (!release) continue;
    release->patch = static_cast<int>(value_at(row.transitions, *release).value_or(0));
    releases.push_back(*release);
  }
  std::ranges::sort(releases);
  return releases;
}

/// The last known patch release of each minor, in order.
const std::vector<Release>& known_releases(Arch arch) {
  static const std::vector<Release> amd64 = read_known_releases(Arch::amd64);
  static const std::vector<Release> arm64 = read_known_releases(Arch::arm64);
  return arch == Arch::arm64 ? arm64 : amd64;
}

}  // namespace

std::optional<std::uint32_t> value_at(std::string_view transitions, const Release& release) {
  std::optional<std::uint32_t> value;
  while (!transitions.empty()) {
    const auto from = take_release(transitions);
    if (!from || !transitions.starts_with(':')) return std::nullopt;
    if (*from > release) break;  // they are in order
    const auto end = std::min(transitions.find(' '), transitions.size());
    const std::string_view text = transitions.substr(1, end - 1);
    std::uint32_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() && text != "-") return std::nullopt;
    value = text == "-" ? std::nullopt : std::optional(number);
    transitions.remove_prefix(std::min(transitions.size(), end + 1));
  }
  return value;
}

LayoutTable::LayoutTable(const Release& release) : release_(release) {
  for (const LayoutRow& row : layout_rows())
    if (row.is_of(release.arch))
      transitions_.emplace(std::string(row.kind).append(" ").append(row.name), row.transitions);
}

std::optional<std::uint32_t> LayoutTable::find(std::string_view kind,
                                               const std::string& name) const {
  const auto row = transitions_.find(std::string(kind).append(" ").append(name));
  return row == transitions_.end() ? std::nullopt : value_at(row->second, release_);
}

std::optional<std::uint32_t> LayoutTable::size(std::string_view structure) const {
  return find("size", std::string("runtime.").append(structure));
}

std::optional<std::uint32_t> LayoutTable::offset(std::string_view structure,
                                                 std::string_view path) const {
  return find("field", std::string("runtime/").append(structure).append(".").append(path));
}

std::optional<std::uint32_t> LayoutTable::variable_size(std::string_view name) const {
  return find("var", std::string("runtime.").append(name));
}

bool table_knows(const Release& release) {
  return std::ranges::any_of(known_releases(release.arch), [&](const Release& last) {
    return last.minor == release.minor && release.patch <= last.patch;
  });
}

std::string nearest_known(const Release& release) {
  const auto& known = known_releases(release.arch);
  if (known.empty()) return {};
  // The last patch release of the nearest minor; of two as near, the earlier.
  return std::ranges::min_element(
             known, {}, [&](const Release& last) { return std::abs(last.minor - release.minor); })
      ->name();
}

}  // namespace chanspect::go
