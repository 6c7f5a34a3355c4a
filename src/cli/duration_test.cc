#include "cli/duration.h"

#include <gtest/gtest.h>

namespace chanspect::cli {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kSecond = 1000 * kMs;

TEST(Duration, EveryUnit) {
  EXPECT_EQ(parse_duration("7ns"), 7);
  EXPECT_EQ(parse_duration("7us"), 7000);
  EXPECT_EQ(parse_duration("500ms"), 500 * kMs);
  EXPECT_EQ(parse_duration("60s"), 60 * kSecond);
  EXPECT_EQ(parse_duration("5m"), 300 * kSecond);
  EXPECT_EQ(parse_duration("2h"), 7200 * kSecond);
  EXPECT_EQ(parse_duration("1d"), 86400 * kSecond);
  EXPECT_EQ(parse_duration("0"), 0);
}

TEST(Duration, SumsAndFractions) {
  EXPECT_EQ(parse_duration("1h30m"), 5400 * kSecond);
  EXPECT_EQ(parse_duration("1d2h3m4s5ms"), ((26 * 60 + 3) * 60 + 4) * kSecond + 5 * kMs);
  EXPECT_EQ(parse_duration("1.5h"), 5400 * kSecond);
  EXPECT_EQ(parse_duration("0.5s"), 500 * kMs);
}

TEST(Duration, WhatIsNone) {
  for (const char* text :
       {"", "5", "s", "5 m", "-5m", "5x", "5m5", "30m1h", "1h1h", "1e3s", "inf", "nan", "..s",
        "1.2.3s", "999999d1", "9999999999d", "5mm", "0x5s", "+5s"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::usage);
  }
}

}  // namespace
}  // namespace chanspect::cli
