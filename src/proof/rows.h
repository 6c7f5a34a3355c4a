#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chanspect::proof {

/// A list of lists, each found by its number.
template <class T>
class Rows {
 public:
  std::span<const T> operator[](std::size_t row) const {
    if (row + 1 >= begins_.size()) return {};
    return std::span(values_).subspan(begins_[row], begins_[row + 1] - begins_[row]);
  }
  void add(std::span<const T> row) {
    values_.insert(values_.end(), row.begin(), row.end());
    begins_.push_back(values_.size());
  }
  void append(const Rows& others) {
    for (std::size_t row = 0; row < others.size(); ++row) add(others[row]);
  }
  std::size_t size() const { return begins_.size() - 1; }

 private:
  std::vector<std::size_t> begins_{0};
  std::vector<T> values_;
};

}  // namespace chanspect::proof
