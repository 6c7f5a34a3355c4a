#include "base/raw_vector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace chanspect {
namespace {

struct Row {
  int number = 7;
  bool settled : 1 = true;
};

TEST(RawVector, AddsElementsAsUsual) {
  RawVector<Row> rows;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(rows.emplace_back().number, 7);
  for (const Row& row : rows) EXPECT_TRUE(row.number == 7 && row.settled);
  rows.push_back({.number = 9});
  EXPECT_EQ(rows.back().number, 9);
}

TEST(RawVector, ResizingKeepsWhatIsThereAndLeavesTheRestToTheCaller) {
  RawVector<Row> rows(1, Row{.number = 3});
  rows.resize(500);
  EXPECT_EQ(rows[0].number, 3);
  fill_new(std::span(rows).subspan(1), Row{.number = 5, .settled = false});
  EXPECT_EQ(rows[0].number, 3);
  for (std::size_t i = 1; i < rows.size(); ++i)
    EXPECT_TRUE(rows[i].number == 5 && !rows[i].settled);
}

TEST(RawVector, LargeBlocksBeginAtAHugePage) {
  RawVector<std::uint64_t> numbers;
  numbers.resize(1U << 20);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(numbers.data()) % RawAllocator<Row>::kHugePage, 0U);
  fill_new(std::span(numbers), std::uint64_t{11});
  numbers.resize(4U << 20);
  EXPECT_THAT(std::span(numbers).first(1U << 20), testing::Each(11U));
}

}  // namespace
}  // namespace chanspect
