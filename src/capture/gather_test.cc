#include "capture/gather.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

namespace chanspect::capture {
namespace {

/// Memory of pages; the byte at address a is its low 8 bits times 7.
class PagedMemory final : public target::Memory {
 public:
  void map(Address page) { pages_[page] = true; }
  static std::byte byte_at(Address a) { return static_cast<std::byte>(a * 7); }

  Result<void> read(Address from, std::span<std::byte> into) const override {
    for (std::size_t i = 0; i < into.size(); ++i) {
      if (!pages_.contains((from + i) & ~Address{4095})) return fail(ErrorCode::unreadable, "page");
      into[i] = byte_at(from + i);
    }
    return {};
  }
  Result<void> read_ranges(std::span<const target::Range> ranges, std::span<std::byte> into,
                           std::vector<std::uint32_t>& failed) const override {
    ++calls_;
    for (const target::Range& range : ranges) order_.push_back(range.address);
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < ranges.size(); ++i) {
      if (!read(ranges[i].address, into.subspan(at, ranges[i].size))) failed.push_back(i);
      at += ranges[i].size;
    }
    ranges_ += ranges.size();
    return {};
  }
  std::uint64_t bytes_read() const override { return 0; }

  mutable std::size_t calls_ = 0, ranges_ = 0;
  mutable std::vector<Address> order_;

 private:
  std::map<Address, bool> pages_;
};

bool is_right(Bytes bytes, Address from, std::size_t size) {
  if (bytes.size() != size) return false;
  for (std::size_t i = 0; i < size; ++i)
    if (bytes[i] != PagedMemory::byte_at(from + i)) return false;
  return true;
}

TEST(GatherTest, NearPiecesComeInOneRun) {
  PagedMemory memory;
  memory.map(0x1000);
  memory.map(0x2000);
  Gather gather(memory);
  const auto c = gather.add(0x1f00, 200);
  const auto a = gather.add(0x1000, 100);
  const auto b = gather.add(0x1050, 300);  // overlaps a
  ASSERT_TRUE(gather.read());
  EXPECT_TRUE(is_right(gather[a], 0x1000, 100));
  EXPECT_TRUE(is_right(gather[b], 0x1050, 300));
  EXPECT_TRUE(is_right(gather[c], 0x1f00, 200));
  EXPECT_EQ(memory.ranges_, 1U);
}

TEST(GatherTest, FarPiecesAreRunsOfOneCall) {
  PagedMemory memory;
  for (Address page = 0; page < 100; ++page) memory.map(0x100000 * page);
  Gather gather(memory);
  for (Address page = 0; page < 100; ++page) gather.add(0x100000 * page + 16, 8);
  ASSERT_TRUE(gather.read());
  EXPECT_EQ(memory.ranges_, 100U);
  EXPECT_EQ(memory.calls_, 1U);
  EXPECT_TRUE(is_right(gather[99], 0x100000 * 99 + 16, 8));
}

TEST(GatherTest, AHoleBetweenTwoPiecesCostsNeither) {
  PagedMemory memory;
  memory.map(0x1000);
  memory.map(0x3000);
  Gather gather(memory);
  const auto a = gather.add(0x1ff0, 16);
  const auto hole = gather.add(0x2000, 16);
  const auto b = gather.add(0x3000, 16);
  ASSERT_TRUE(gather.read());
  EXPECT_TRUE(is_right(gather[a], 0x1ff0, 16));
  EXPECT_TRUE(gather[hole].empty());
  EXPECT_TRUE(is_right(gather[b], 0x3000, 16));
}

TEST(GatherTest, PiecesAddedLaterKeepTheEarlier) {
  PagedMemory memory;
  memory.map(0x1000);
  memory.map(0x9000);
  Gather gather(memory);
  const auto a = gather.add(0x1000, 16);
  ASSERT_TRUE(gather.read());
  const auto b = gather.add(0x9000, 4096);
  ASSERT_TRUE(gather.read());
  EXPECT_TRUE(is_right(gather[a], 0x1000, 16));
  EXPECT_TRUE(is_right(gather[b], 0x9000, 4096));
  EXPECT_TRUE(is_right(gather.find(0x9100, 64), 0x9100, 64));
  EXPECT_TRUE(gather.find(0x5000, 8).empty());
  gather.clear();
  EXPECT_TRUE(gather.find(0x9100, 64).empty());
}

TEST(GatherTest, WhatComesThenIsReadLaterInTheSameCall) {
  PagedMemory memory;
  memory.map(0x1000);
  memory.map(0x9000);
  Gather gather(memory);
  const auto high = gather.add(0x9000, 16);
  gather.then();
  const auto low = gather.add(0x1000, 16);
  const auto again = gather.add(0x9000, 16);
  ASSERT_TRUE(gather.read());
  EXPECT_EQ(memory.calls_, 1U);
  EXPECT_EQ(memory.order_, (std::vector<Address>{0x9000, 0x1000, 0x9000}));
  EXPECT_TRUE(is_right(gather[high], 0x9000, 16));
  EXPECT_TRUE(is_right(gather[low], 0x1000, 16));
  EXPECT_TRUE(is_right(gather[again], 0x9000, 16));
}

TEST(GatherTest, AnAddressThatWrapsAroundStaysUnread) {
  PagedMemory memory;
  memory.map(0);
  Gather gather(memory);
  const auto piece = gather.add(~Address{0} - 3, 16);
  ASSERT_TRUE(gather.read());
  EXPECT_TRUE(gather[piece].empty());
}

}  // namespace
}  // namespace chanspect::capture
