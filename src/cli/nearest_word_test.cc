#include "cli/nearest_word.h"

#include <gtest/gtest.h>

namespace chanspect::cli {
namespace {

std::vector<std::string> commands() {
  return {"ps", "channels", "channel", "nth", "blocked", "goroutines", "stack"};
}

TEST(NearestWord, FindsSlipsOfTheKeyboard) {
  EXPECT_EQ(nearest_word("chanels", commands()), "channels");
  EXPECT_EQ(nearest_word("chanel", commands()), "channel");
  EXPECT_EQ(nearest_word("gorotuines", commands()), "goroutines");
  EXPECT_EQ(nearest_word("stacks", commands()), "stack");
  EXPECT_EQ(nearest_word("sp", commands()), "ps");
}

TEST(NearestWord, FindsBeginnings) {
  EXPECT_EQ(nearest_word("gorout", commands()), "goroutines");
  EXPECT_EQ(nearest_word("--min", {"--limit-all", "--min-waiters"}), "--min-waiters");
}

TEST(NearestWord, LeavesStrangersAlone) {
  EXPECT_EQ(nearest_word("payments", commands()), "");
  EXPECT_EQ(nearest_word("", commands()), "");
  EXPECT_EQ(nearest_word("x", commands()), "");
  EXPECT_EQ(nearest_word(std::string(100000, 'a'), commands()), "");
}

}  // namespace
}  // namespace chanspect::cli
