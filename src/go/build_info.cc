#include "go/build_info.h"

#include <elf.h>

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "go/build_version.h"
#include "go/find_pclntab.h"
#include "go/quoted.h"

namespace chanspect::go {
namespace {

// debug/buildinfo/buildinfo.go: a header of 32 bytes, aligned to 16, then (since 1.18, bit 2 of the
// flags) two strings, each with its length before it as a varint.
constexpr std::string_view kMagic = "\xff Go buildinf:";
constexpr std::uint64_t kHeaderSize = 32, kAlignment = 16, kFlagsAt = 15;
constexpr unsigned kInlineStrings = 2;
// A program of many dependencies has some 100 KiB of them.
constexpr std::uint64_t kLongestText = 16 << 20;
// Where it has no section of its own, the linker puts it at the front of the data.
constexpr std::uint64_t kSearchedBytes = 1 << 20;

std::unexpected<Error> not_go() {
  return fail(ErrorCode::not_go, "this is not a Go program", "it carries no Go build information");
}

/// The bytes from the header on.
std::optional<Bytes> find_header(const binary::Elf& elf) {
  if (const auto* section = elf.find_section(".go.buildinfo")) {
    const Bytes bytes = elf.contents(*section);
    if (as_text(bytes).starts_with(kMagic)) return bytes;
  }
  for (const auto& segment : elf.segments()) {
    if (segment.type != PT_LOAD || (segment.flags & unsigned{PF_W}) == 0) continue;
    const auto data = elf.at_address(segment.address, std::min(segment.file_size, kSearchedBytes));
    if (!data) return std::nullopt;
    for (std::uint64_t at = 0; at + kHeaderSize <= data->size(); at += kAlignment)
      if (as_text(data->subspan(at)).starts_with(kMagic)) return data->subspan(at);
    return std::nullopt;  // only the first, as Go's own reader does
  }
  return std::nullopt;
}

/// Takes a text with its length before it from the front of `bytes`.
std::optional<std::string_view> take_text(Bytes& bytes) {
  std::uint64_t length = 0;
  std::size_t at = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (shift > 28 || at == bytes.size()) return std::nullopt;
    const auto byte = std::to_integer<std::uint64_t>(bytes[at++]);
    length |= (byte & 127U) << shift;
    if (byte < 128) break;
  }
  const auto text = slice(bytes, at, length);
  if (!text || length > kLongestText) return std::nullopt;
  bytes = bytes.subspan(at + length);
  return as_text(*text);
}

/// One line of the module information, "build\t-race=true" without its first word
/// (runtime/debug/mod.go: ParseBuildInfo; keys and values may be quoted).
void add_setting(std::string_view line, BuildInfo& info) {
  std::string key, value;
  if (line.starts_with('"') || line.starts_with('`')) {
    auto quoted = take_quoted(line);
    if (!quoted) return;
    key = std::move(*quoted);
    if (!line.starts_with('=')) return;
  } else {
    key = line.substr(0, line.find('='));
    line.remove_prefix(key.size());
    if (line.empty()) return;
  }
  line.remove_prefix(1);
  if (line.starts_with('"') || line.starts_with('`')) {
    auto quoted = take_quoted(line);
    if (!quoted) return;
    value = std::move(*quoted);
  } else {
    value = line;
  }
  info.settings.emplace_back(std::move(key), std::move(value));
}

void read_module_lines(std::string_view text, BuildInfo& info) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    const std::string_view word = line.substr(0, tab), rest = line.substr(tab + 1);
    if (word == "path") info.path = rest;
    if (word == "mod") info.module = rest.substr(0, rest.find('\t'));
    if (word == "build") add_setting(rest, info);
  }
}

/// Some builds drop the information; the runtime's own variable still tells the release.
Result<BuildInfo> read_build_version(const binary::Elf& elf) {
  auto version = find_build_version(elf);
  if (!version && !pclntab_sections(elf).empty())
    return fail(ErrorCode::unknown_release, "cannot tell the Go release",
                "it carries neither build information nor a version, as obfuscated programs do");
  if (!version) return not_go();
  BuildInfo info;
  info.version = std::move(*version);
  info.by_variable = true;
  return info;
}

}  // namespace

std::string_view BuildInfo::setting(std::string_view key) const {
  const auto found = std::ranges::find(
      settings, key, [](const auto& setting) -> std::string_view { return setting.first; });
  return found == settings.end() ? std::string_view() : std::string_view(found->second);
}

Result<BuildInfo> read_build_info(const binary::Elf& elf) {
  auto bytes = find_header(elf);
  if (!bytes || bytes->size() < kHeaderSize) return read_build_version(elf);
  if ((std::to_integer<unsigned>((*bytes)[kFlagsAt]) & kInlineStrings) == 0)
    return fail(ErrorCode::unknown_release, "cannot read this Go program",
                "it was built with a release before go1.18",
                "chanspect reads programs of go1.18 and later");
  Bytes rest = bytes->subspan(kHeaderSize);
  const auto version = take_text(rest);
  if (!version || version->empty())
    return fail(ErrorCode::bad_data, "cannot read the Go build information",
                "its text runs out of its section");

  BuildInfo info;
  info.version = *version;
  // The module information lies between two marks of 16 bytes (cmd/go/internal/modload: infoStart).
  if (const auto text = take_text(rest);
      text && text->size() >= 33 && (*text)[text->size() - 17] == '\n')
    read_module_lines(text->substr(16, text->size() - 32), info);
  return info;
}

}  // namespace chanspect::go
