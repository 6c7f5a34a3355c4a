#include "report/json.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <iterator>

#include "report/words.h"

namespace chanspect::report {
namespace {

constexpr std::size_t kHandOver = 64 << 10;

bool plain(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Length of the UTF-8 character that begins `text` (RFC 3629: no overlong forms, no surrogates),
/// or 0.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                             : first >= 0xe0 && first <= 0xef ? 3
                             : first >= 0xf0 && first <= 0xf4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!continues(text[i])) return 0;
  const unsigned second = byte(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second > 0x9f;
  const bool beyond_unicode = first == 0xf4 && second > 0x8f;
  return overlong || surrogate || beyond_unicode ? 0 : length;
}

}  // namespace

void Json::separate() {
  if (comma_) text_.push_back(',');
  comma_ = true;
}

void Json::quote(std::string_view value) {
  text_.push_back('"');
  while (!value.empty()) {
    std::size_t run = 0;
    while (run < value.size() && plain(value[run])) ++run;
    text_.append(value.substr(0, run));
    value.remove_prefix(run);
    if (value.empty()) break;
    const char c = value.front();
    if (c == '"' || c == '\\') {
      text_.push_back('\\');
      text_.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(text_), "\\u{:04x}", static_cast<unsigned>(c));
    } else if (const std::size_t length = character_length(value); length != 0) {
      text_.append(value.substr(0, length));
      value.remove_prefix(length);
      continue;
    } else {
      text_ += "\\ufffd";
    }
    value.remove_prefix(1);
  }
  text_.push_back('"');
}

void Json::append_number(std::uint64_t value, int base) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  text_.append(digits, end);
}

Json& Json::open_object() {
  separate();
  text_.push_back('{');
  comma_ = false;
  return *this;
}

Json& Json::close_object() {
  text_.push_back('}');
  comma_ = true;
  return *this;
}

Json& Json::open_array() {
  separate();
  text_.push_back('[');
  comma_ = false;
  return *this;
}

Json& Json::close_array() {
  text_.push_back(']');
  comma_ = true;
  return *this;
}

Json& Json::key(std::string_view name) {
  separate();
  text_.push_back('"');
  text_.append(name);
  text_ += "\":";
  comma_ = false;
  return *this;
}

Json& Json::foreign_key(std::string_view name) {
  separate();
  quote(name);
  text_.push_back(':');
  comma_ = false;
  return *this;
}

Json& Json::text(std::string_view value) {
  separate();
  quote(value);
  return *this;
}

Json& Json::number(std::uint64_t value) {
  separate();
  append_number(value, 10);
  return *this;
}

Json& Json::seconds(std::int64_t ns) {
  if (ns == snapshot::kUnknown) return null();
  separate();
  text_ += report::seconds(ns);
  return *this;
}

Json& Json::address(snapshot::Address value) {
  if (value == 0) return null();
  separate();
  text_ += "\"0x";
  append_number(value, 16);
  text_.push_back('"');
  return *this;
}

Json& Json::flag(bool value) {
  separate();
  text_ += value ? "true" : "false";
  return *this;
}

Json& Json::null() {
  separate();
  text_ += "null";
  return *this;
}

void Json::next_line() {
  if (comma_) text_.push_back(',');
  comma_ = false;
  text_.push_back('\n');
  if (text_.size() < kHandOver) return;
  out_->write(text_);
  text_.clear();
}

void Json::finish() {
  text_.push_back('\n');
  out_->write(text_);
  text_.clear();
}

}  // namespace chanspect::report
