#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "report/output.h"
#include "snapshot/snapshot.h"

namespace chanspect::report {

/// Rows of raw values between tabs: addresses in hexadecimal, times in seconds, unknown values
/// empty. A tab, newline, carriage return or backslash within a value is written \t, \n, \r, \\.
class Tsv {
 public:
  /// Writes the header line.
  Tsv(std::span<const std::string_view> columns, Output& out);
  Tsv(std::initializer_list<std::string_view> columns, Output& out)
      : Tsv(std::span(columns.begin(), columns.size()), out) {}

  Tsv& text(std::string_view value);
  Tsv& number(std::uint64_t value);
  Tsv& address(snapshot::Address value);  ///< 0: empty
  Tsv& seconds(std::int64_t ns);          ///< kUnknown: empty
  Tsv& flag(bool value);                  ///< "true" or "false"
  Tsv& unknown() { return text({}); }
  /// Function, file and line in three columns; kNone: empty.
  Tsv& place(const snapshot::Snapshot& snapshot, snapshot::FrameId frame);
  void end();

 private:
  void separate();
  void append_number(std::uint64_t value, int base);

  Output* out_;
  std::string line_;
  bool first_ = true;
};

}  // namespace chanspect::report
