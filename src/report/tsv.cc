#include "report/tsv.h"

#include <fmt/format.h>

#include <iterator>

#include "report/words.h"

namespace chanspect::report {

Tsv::Tsv(std::span<const std::string_view> columns, Output& out) : out_(&out) {
  for (const std::string_view column : columns) text(column);
  end();
}

void Tsv::separate() {
  if (!first_) line_.push_back('\t');
  first_ = false;
}

Tsv& Tsv::text(std::string_view value) {
  separate();
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
  fmt::format_to(std::back_inserter(line_), "{}", value);
  return *this;
}

Tsv& Tsv::address(snapshot::Address value) {
  separate();
  if (value != 0) fmt::format_to(std::back_inserter(line_), "{:#x}", value);
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
  if (id == snapshot::kNone) return empty().empty().empty();
  const snapshot::Frame& frame = snapshot.frames[id];
  text(snapshot.strings[frame.function]).text(snapshot.strings[frame.file]);
  return frame.line == 0 ? empty() : number(frame.line);
}

void Tsv::end() {
  line_.push_back('\n');
  out_->write(line_);
  line_.clear();
  first_ = true;
}

}  // namespace chanspect::report
