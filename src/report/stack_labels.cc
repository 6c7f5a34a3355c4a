#include "report/stack_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace chanspect::report {
namespace {

constexpr unsigned kFirstUnquoted = 27;

struct Rune {
  std::uint32_t value = 0;
  std::size_t size = 0;
  bool valid = false;
};

/// The UTF-8 sequence at the front of `text`; a byte that begins none counts as one.
Rune decode_rune(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1, true};
  struct Form {
    unsigned char mask, lead;
    std::size_t size;
    std::uint32_t least;
  };
  for (const Form form :
       {Form{0xe0, 0xc0, 2, 0x80}, Form{0xf0, 0xe0, 3, 0x800}, Form{0xf8, 0xf0, 4, 0x10000}}) {
    if ((byte(0) & form.mask) != form.lead || text.size() < form.size) continue;
    std::uint32_t value = byte(0) & static_cast<unsigned char>(~form.mask);
    for (std::size_t i = 1; i < form.size; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return {byte(0), 1, false};
      value = value << 6 | (byte(i) & 0x3f);
    }
    const bool surrogate = value >= 0xd800 && value < 0xe000;
    if (value < form.least || value > 0x10ffff || surrogate) break;
    return {value, form.size, true};
  }
  return {byte(0), 1, false};
}

/// traceback.go: tracebackStringNeedsQuoting.
bool needs_quotes(std::string_view text) {
  return !std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '/' || c == '_';
  });
}

}  // namespace

std::string go_quoted(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const Rune rune = decode_rune(text);
    const std::uint32_t r = rune.value;
    if (r == '\n') {
      quoted += "\\n";
    } else if (r == '\r') {
      quoted += "\\r";
    } else if (r == '\t') {
      quoted += "\\t";
    } else if (r == '\\' || r == '"') {
      quoted += {'\\', static_cast<char>(r)};
    } else if (!rune.valid || r < ' ') {
      quoted += fmt::format("\\x{:02x}", r);
    } else if (r <= '~') {
      quoted.push_back(static_cast<char>(r));
    } else {
      quoted += r < 0x10000 ? fmt::format("\\u{:04x}", r) : fmt::format("\\U{:08x}", r);
    }
    text.remove_prefix(rune.size);
  }
  return quoted + "\"";
}

std::string stack_labels(const snapshot::Snapshot& snapshot, const snapshot::Labels& labels,
                         unsigned go_minor) {
  if (labels.empty()) return {};
  const bool bare = go_minor >= kFirstUnquoted;
  const auto word = [&](StringId id) {
    const std::string_view text = snapshot.strings[id];
    return bare && !needs_quotes(text) ? std::string(text) : go_quoted(text);
  };
  std::string text = bare ? " {" : " labels:{";
  for (const auto& [key, value] : labels) {
    if (&key != &labels.front().first) text += ", ";
    text += word(key) + ": " + word(value);
  }
  return text + "}";
}

}  // namespace chanspect::report
