#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "report/output.h"

namespace chanspect::report {

enum class Ink : std::uint8_t { plain, bold, dim, red, yellow, green, cyan };

/// `text` in a colour, or as it is where colours are off.
std::string inked(std::string_view text, Ink ink, const Style& style);

/// Lines in aligned columns. Widths are settled by the first rows, and later rows stream: a table
/// of a million rows takes no more memory than one of a thousand.
class Table {
 public:
  /// How a cell gives way when the terminal is narrow.
  enum class Cut : std::uint8_t { never, middle, function, path };

  struct Column {
    std::string title;
    bool right = false;  ///< aligned to the right, for numbers
    Cut cut = Cut::never;
    bool optional = false;  ///< left out, the last one first, when cutting is not enough
    Ink ink = Ink::plain;
    bool left_out = false;  ///< set by the table
  };

  Table(std::vector<Column> columns, const Style& style, Output& out);

  /// One cell a column.
  void row(std::vector<std::string> cells);

  /// Prints what is not yet printed. Must be called once.
  void finish();

 private:
  static constexpr std::size_t kRowsToMeasure = 1000;

  void settle_widths();
  std::vector<std::size_t> natural_widths() const;
  bool cut_to_terminal();
  void print_titles();
  void print(const std::vector<std::string>& cells);
  void place(std::string& line, std::size_t& column, std::size_t at, std::string_view text,
             Ink ink) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> waiting_;
  const Style* style_;
  Output* out_;
  bool settled_ = false;
};

}  // namespace chanspect::report
