#include "report/tsv.h"

#include <algorithm>
#include <charconv>

#include "report/words.h"

namespace chanspect::report {
namespace {

bool needs_escape(char c) {
  return c == '\t' || c == '\n' || c == '\r' || c == '\\';
}

}  // namespace

Tsv::Tsv(std::span<const std::string_view> columns, Output& out) : out_(&out) {
  for (const std::string_view column : columns) text(column);
  end();
}

void Tsv::separate() {
  if (!first_) line_.push_back('\t');
  first_ = false;
}

void Tsv::append_number(std::uint64_t value, int base) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  line_.append(digits, end);
}

Tsv& Tsv::text(std::string_view value) {
  separate();
  if (std::ranges::none_of(value, needs_escape)) {
    line_.append(value);
    return *this;
  }
  for (const char c : value) {
    switch (c) {
      case '\t':
        line_ += "\\t";
        break;
      case '\n':
        line_ += "\\n";
        break;
      case '\r':
        line_ += "\\r";
        break;
      case '\\':
        line_ += "\\\\";
        break;
      default:
        line_.push_back(c);
    }
  }
  return *this;
}

Tsv& Tsv::number(std::uint64_t value) {
  separate();
  append_number(value, 10);
  return *this;
}

Tsv& Tsv::address(snapshot::Address value) {
  separate();
  if (value == 0) return *this;
  line_ += "0x";
  append_number(value, 16);
  return *this;
}

Tsv& Tsv::seconds(std::int64_t ns) {
  separate();
  if (ns != snapshot::kUnknown) line_ += report::seconds(ns);
  return *this;
}

Tsv& Tsv::flag(bool value) {
  return text(value ? "true" : "false");
}

Tsv& Tsv::place(const snapshot::Snapshot& snapshot, snapshot::FrameId id) {
  if (id == snapshot::kNone) return unknown().unknown().unknown();
  const snapshot::Frame& frame = snapshot.frames[id];
  text(snapshot.strings[frame.function]).text(snapshot.strings[frame.file]);
  return frame.line == 0 ? unknown() : number(frame.line);
}

void Tsv::end() {
  line_.push_back('\n');
  out_->write(line_);
  line_.clear();
  first_ = true;
}

}  // namespace chanspect::report
