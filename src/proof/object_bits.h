#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "proof/object_graph.h"

namespace chanspect::proof {

/// A bit for each object, set by several threads at once.
class ObjectBits {
 public:
  explicit ObjectBits(std::size_t objects)
      : words_(std::make_unique<std::atomic<std::uint64_t>[]>(objects / 64 + 1)),
        word_count_(objects / 64 + 1) {}

  bool test(ObjectId object) const {
    return (words_[object / 64].load(std::memory_order_relaxed) & mask(object)) != 0;
  }
  /// True for the one caller that changes it.
  bool set(ObjectId object) {
    std::atomic<std::uint64_t>& word = words_[object / 64];
    if ((word.load(std::memory_order_relaxed) & mask(object)) != 0) return false;
    return (word.fetch_or(mask(object), std::memory_order_relaxed) & mask(object)) == 0;
  }
  std::uint64_t count() const {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < word_count_; ++i)
      all += static_cast<std::uint64_t>(std::popcount(words_[i].load(std::memory_order_relaxed)));
    return all;
  }
  void prefetch(ObjectId object) const { __builtin_prefetch(&words_[object / 64], 1); }

 private:
  static std::uint64_t mask(ObjectId object) { return std::uint64_t{1} << (object % 64); }

  std::unique_ptr<std::atomic<std::uint64_t>[]> words_;
  std::size_t word_count_;
};

}  // namespace chanspect::proof
