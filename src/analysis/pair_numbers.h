#pragma once

#include <cstdint>
#include <vector>

namespace chanspect::analysis {

/// Numbers distinct pairs in order of first appearance: 0, 1, 2, …. An open hash table, since it is
/// asked once a goroutine.
class PairNumbers {
 public:
  std::uint32_t number(std::uint32_t a, std::uint32_t b) {
    const std::uint64_t pair = (std::uint64_t{a} << 32) | b;
    if (count_ != 0 && pair == last_pair_) return last_number_;  // neighbours are often alike
    if (std::size_t{count_} * 2 >= slots_.size()) grow();
    Slot& slot = find(pair);
    if (slot.number == kFree) slot = {pair, count_++};
    last_pair_ = pair;
    last_number_ = slot.number;
    return slot.number;
  }

  std::uint32_t size() const { return count_; }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;
  struct Slot {
    std::uint64_t pair = 0;
    std::uint32_t number = kFree;
  };

  Slot& find(std::uint64_t pair) {
    std::size_t at = (pair * 0x9e3779b97f4a7c15) >> shift_;
    while (slots_[at].number != kFree && slots_[at].pair != pair)
      at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    --shift_;
    for (const Slot& slot : old)
      if (slot.number != kFree) find(slot.pair) = slot;
  }

  std::vector<Slot> slots_ = std::vector<Slot>(64);
  int shift_ = 64 - 6;
  std::uint32_t count_ = 0;
  std::uint64_t last_pair_ = 0;
  std::uint32_t last_number_ = 0;
};

}  // namespace chanspect::analysis
