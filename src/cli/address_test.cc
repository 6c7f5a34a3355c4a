#include "cli/address.h"

#include <gtest/gtest.h>

namespace chanspect::cli {
namespace {

TEST(Address, WithAndWithoutPrefix) {
  EXPECT_EQ(parse_address("0xc00012a000"), 0xc00012a000U);
  EXPECT_EQ(parse_address("c00012a000"), 0xc00012a000U);
  EXPECT_EQ(parse_address("0XC00012A000"), 0xc00012a000U);
  EXPECT_EQ(parse_address("ffffffffffffffff"), ~0ULL);
}

TEST(Address, WhatIsNone) {
  for (const char* text : {"", "0x", "xyz", "0xc000 ", "-1", "0x-1", "10000000000000000", "0x0x1"})
    EXPECT_FALSE(parse_address(text)) << text;
}

}  // namespace
}  // namespace chanspect::cli
