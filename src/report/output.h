#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace chanspect::report {

enum class Format : std::uint8_t { text, json, tsv };

/// `Style::limit` for "all rows, however many".
inline constexpr std::size_t kNoLimit = ~std::size_t{0};

/// How to print, decided once by the command line.
struct Style {
  Format format = Format::text;
  bool color = false;
  unsigned width = 100;   ///< columns of the terminal; 0: do not cut lines
  std::size_t limit = 0;  ///< rows at most; 0: the report's own choice for text, all for others
  bool quiet = false;     ///< only the rows: no header, notes or next step
  int verbosity = 0;      ///< -v: what was read, how long each phase took, how many bytes
};

/// Where a report goes: a file descriptor with a buffer in front. A reader that closes its pipe
/// early
/// (`| head`) is no error of ours: `closed` says so and writing goes on into nothing. The program
/// must ignore SIGPIPE.
class Output {
 public:
  explicit Output(UniqueFd fd) : fd_(std::move(fd)) {}
  explicit Output(std::string* into) : into_(into) {}  ///< for tests

  void write(std::string_view text);
  /// Writes out what is buffered; the first error of all writes so far.
  Result<void> finish();
  bool closed() const { return closed_; }

 private:
  void flush();
  void write_out(std::string_view text);

  UniqueFd fd_;
  std::string* into_ = nullptr;
  std::string buffer_;
  int error_ = 0;
  bool closed_ = false;
  bool widened_ = false;
};

}  // namespace chanspect::report
