#include "report/table.h"

#include <algorithm>

#include "report/words.h"

namespace chanspect::report {
namespace {

constexpr std::size_t kGap = 2;         // spaces between columns
constexpr std::size_t kNarrowest = 12;  // a cut cell keeps this much

std::string_view code_of(Ink ink) {
  switch (ink) {
    case Ink::bold:
      return "\033[1m";
    case Ink::dim:
      return "\033[2m";
    case Ink::red:
      return "\033[31m";
    case Ink::yellow:
      return "\033[33m";
    case Ink::green:
      return "\033[32m";
    case Ink::cyan:
      return "\033[36m";
    case Ink::plain:
      break;
  }
  return {};
}

std::string fit(std::string_view text, Table::Cut cut, std::size_t columns) {
  switch (cut) {
    case Table::Cut::middle:
      return cut_middle(text, columns);
    case Table::Cut::function:
      return fit_function(text, columns);
    case Table::Cut::path:
      return fit_path(text, columns);
    case Table::Cut::never:
      break;
  }
  return std::string(text);
}

}  // namespace

std::string inked(std::string_view text, Ink ink, const Style& style) {
  if (!style.color || ink == Ink::plain || text.empty()) return std::string(text);
  std::string result(code_of(ink));
  result.append(text).append("\033[0m");
  return result;
}

Table::Table(std::vector<Column> columns, const Style& style, Output& out)
    : columns_(std::move(columns)), style_(&style), out_(&out) {}

void Table::row(std::vector<std::string> cells) {
  if (settled_) {
    print(cells);
    return;
  }
  waiting_.push_back(std::move(cells));
  if (waiting_.size() == kRowsToMeasure) settle_widths();
}

void Table::finish() {
  if (!settled_) settle_widths();
}

void Table::settle_widths() {
  settled_ = true;
  widths_ = natural_widths();
  // Where cutting is not enough, optional columns go, and the others may have their own width
  // again.
  for (std::size_t c = columns_.size(); c-- > 0 && !cut_to_terminal();) {
    if (!columns_[c].optional) continue;
    columns_[c].left_out = true;
    widths_ = natural_widths();
  }
  if (!style_->quiet) print_titles();
  for (const auto& cells : waiting_) print(cells);
  waiting_.clear();
}

/// Zero for a column without content. A title may hang over the next column if that has none.
std::vector<std::size_t> Table::natural_widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = 0;
    for (const auto& cells : waiting_) width = std::max(width, columns_of(cells[c]));
    const bool hangs = c + 1 < columns_.size() && columns_[c + 1].title.empty();
    if (width != 0 && !hangs && !style_->quiet)
      width = std::max(width, columns_of(columns_[c].title));
    widths.push_back(columns_[c].left_out ? 0 : width);
  }
  return widths;
}

/// Takes columns away from the widest of those that may be cut, one by one, until all fit.
bool Table::cut_to_terminal() {
  if (style_->width == 0) return true;
  std::size_t total = 0;
  for (const std::size_t width : widths_) total += width == 0 ? 0 : width + kGap;
  while (total > style_->width + kGap) {
    std::size_t* widest = nullptr;
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (columns_[c].cut != Cut::never && widths_[c] > kNarrowest &&
          (widest == nullptr || widths_[c] > *widest))
        widest = &widths_[c];
    if (widest == nullptr) return false;
    --*widest;
    --total;
  }
  return true;
}

/// Puts text at column `at` of a line, or behind what is there already.
void Table::place(std::string& line, std::size_t& column, std::size_t at, std::string_view text,
                  Ink ink) const {
  if (text.empty()) return;
  const std::size_t from = std::max(at, column == 0 ? 0 : column + kGap);
  line.append(from - column, ' ');
  line += inked(text, ink, *style_);
  column = from + columns_of(text);
}

void Table::print_titles() {
  std::string line;
  std::size_t column = 0;
  std::size_t start = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (widths_[c] == 0) continue;
    const std::string& title = columns_[c].title;
    const std::size_t have = columns_of(title);
    const bool right = columns_[c].right && have < widths_[c];
    place(line, column, start + (right ? widths_[c] - have : 0), title, Ink::dim);
    start += widths_[c] + kGap;
  }
  if (!line.empty()) out_->write(line + "\n");
}

void Table::print(const std::vector<std::string>& cells) {
  std::string line;
  std::size_t column = 0;
  std::size_t start = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (widths_[c] == 0) continue;
    const std::string text =
        style_->width == 0 ? cells[c] : fit(cells[c], columns_[c].cut, widths_[c]);
    const std::size_t have = columns_of(text);
    const bool right = columns_[c].right && have < widths_[c];
    place(line, column, start + (right ? widths_[c] - have : 0), text, columns_[c].ink);
    start += widths_[c] + kGap;
  }
  line.push_back('\n');
  out_->write(line);
}

}  // namespace chanspect::report
