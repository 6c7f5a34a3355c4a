#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace chanspect::capture {

/// Gives each distinct 64-bit value a dense number. Goroutines that follow each other often share
/// one, so the last answer is tried first.
class Memo {
 public:
  std::uint32_t number_of(std::uint64_t value) {
    if (value == last_value_ && last_number_ != kNone) return last_number_;
    const auto [entry, is_new] =
        numbers_.try_emplace(value, static_cast<std::uint32_t>(values_.size()));
    if (is_new) values_.push_back(value);
    last_value_ = value;
    last_number_ = entry->second;
    return last_number_;
  }

  const std::vector<std::uint64_t>& values() const { return values_; }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::uint64_t last_value_ = 0;
  std::uint32_t last_number_ = kNone;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<std::uint64_t> values_;
};

}  // namespace chanspect::capture
