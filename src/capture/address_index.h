#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "target/memory.h"

namespace chanspect::capture {

/// Numbers addresses in the order in which they first come: a hash table with open addressing,
/// because a million look-ups must cost milliseconds. The address 0 is not to be added.
class AddressIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  explicit AddressIndex(std::size_t expected = 0)
      : slots_(std::bit_ceil(expected * 2 + 16)), mask_(slots_.size() - 1) {}

  std::uint32_t add(Address address) {
    if (addresses_.size() * 2 >= slots_.size()) grow();
    Slot& slot = slots_[place_of(address)];
    if (slot.address == 0) {
      slot = {address, static_cast<std::uint32_t>(addresses_.size())};
      addresses_.push_back(address);
    }
    return slot.number;
  }

  std::uint32_t find(Address address) const {
    const Slot& slot = slots_[place_of(address)];
    return slot.address == 0 ? kNone : slot.number;
  }

  const std::vector<Address>& addresses() const { return addresses_; }

 private:
  struct Slot {
    Address address = 0;
    std::uint32_t number = 0;
  };

  std::size_t place_of(Address address) const {
    std::uint64_t hash = address * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
    std::size_t at = hash & mask_;
    while (slots_[at].address != 0 && slots_[at].address != address) at = (at + 1) & mask_;
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old)
      if (slot.address != 0) slots_[place_of(slot.address)] = slot;
  }

  std::vector<Slot> slots_;
  std::size_t mask_;
  std::vector<Address> addresses_;
};

}  // namespace chanspect::capture
