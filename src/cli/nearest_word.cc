#include "cli/nearest_word.h"

#include <algorithm>
#include <numeric>

namespace chanspect::cli {
namespace {

/// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
std::size_t slips(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(last.begin(), last.end(), 0U);
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const bool same = from[i - 1] == to[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[to.size()];
}

bool one_begins_with_the_other(std::string_view a, std::string_view b) {
  constexpr std::size_t kEnough = 3;
  const std::string_view shorter = a.size() < b.size() ? a : b;
  const std::string_view longer = a.size() < b.size() ? b : a;
  return shorter.size() >= kEnough && longer.starts_with(shorter);
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t kMostLength = 64;  // the work grows with the product of the lengths
  std::string best;
  std::size_t fewest = std::min<std::size_t>(3, (word.size() + 2) / 3 + 1);  // fewer than this
  if (word.size() > kMostLength) return best;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kMostLength) continue;
    const std::size_t count = slips(word, candidate);
    if (count >= fewest) continue;
    fewest = count;
    best = candidate;
  }
  if (!best.empty()) return best;
  const auto found = std::ranges::find_if(candidates, [&](const auto& candidate) {
    return one_begins_with_the_other(word, candidate);
  });
  return found == candidates.end() ? best : *found;
}

}  // namespace chanspect::cli
