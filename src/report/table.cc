#include "report/table.h"

#include <algorithm>
#include <numeric>

#include "report/words.h"

namespace chanspect::report {
namespace {

constexpr std::size_t kGap = 2;         // spaces between columns
constexpr std::size_t kNarrowest = 14;  // a cut cell keeps this much

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
    print(cells, false);
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
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = style_->quiet ? 0 : columns_of(columns_[c].title);
    for (const auto& cells : waiting_) width = std::max(width, columns_of(cells[c]));
    widths_.push_back(width);
  }
  fit_to_terminal();
  const bool titled =
      std::ranges::any_of(columns_, [](const Column& column) { return !column.title.empty(); });
  if (titled && !style_->quiet) {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    print(titles, true);
  }
  for (const auto& cells : waiting_) print(cells, false);
  waiting_.clear();
}

/// Takes columns away from the widest of those that may be cut, one by one.
void Table::fit_to_terminal() {
  if (style_->width == 0) return;
  const auto used =
      static_cast<std::size_t>(std::ranges::count_if(widths_, [](auto w) { return w != 0; }));
  std::size_t total = std::accumulate(widths_.begin(), widths_.end(), std::size_t{0}) +
                      (used == 0 ? 0 : (used - 1) * kGap);
  while (total > style_->width) {
    std::size_t* widest = nullptr;
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (columns_[c].cut && widths_[c] > kNarrowest && (widest == nullptr || widths_[c] > *widest))
        widest = &widths_[c];
    if (widest == nullptr) return;
    --*widest;
    --total;
  }
}

void Table::print(const std::vector<std::string>& cells, bool heading) {
  std::string line;
  std::size_t pending = 0;  // spaces owed before the next visible cell; none at the line's end
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (widths_[c] == 0) continue;
    const std::string text =
        columns_[c].cut && style_->width != 0 ? cut_middle(cells[c], widths_[c]) : cells[c];
    const std::size_t have = columns_of(text);
    const std::size_t padding = widths_[c] - std::min(widths_[c], have);
    if (columns_[c].right) pending += padding;
    if (!text.empty()) {
      line.append(pending, ' ');
      line += inked(text, heading ? Ink::dim : columns_[c].ink, *style_);
      pending = 0;
    }
    pending += kGap + (columns_[c].right ? 0 : padding);
  }
  line.push_back('\n');
  out_->write(line);
}

}  // namespace chanspect::report
