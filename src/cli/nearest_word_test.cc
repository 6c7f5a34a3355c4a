#include "cli/nearest_word.h"

#include <gtest/gtest.h>

namespace chanspect::cli {
namespace {

const std::vector<std::string> kCommands = {"ps",      "channels",   "channel", "nth",
                                            "blocked", "goroutines", "stack"};

TEST(NearestWord, FindsSlipsOfTheKeyboard) {
  EXPECT_EQ(nearest_word("chanels", kCommands), "channels");
  EXPECT_EQ(nearest_word("chanel", kCommands), "channel");
  EXPECT_EQ(nearest_word("gorotuines", kCommands), "goroutines");
  EXPECT_EQ(nearest_word("stacks", kCommands), "stack");
  EXPECT_EQ(nearest_word("sp", kCommands), "ps");
}

TEST(NearestWord, FindsBeginnings) {
  EXPECT_EQ(nearest_word("gorout", kCommands), "goroutines");
  EXPECT_EQ(nearest_word("--min", {"--limit-all", "--min-waiters"}), "--min-waiters");
}

TEST(NearestWord, LeavesStrangersAlone) {
  EXPECT_EQ(nearest_word("payments", kCommands), "");
  EXPECT_EQ(nearest_word("", kCommands), "");
  EXPECT_EQ(nearest_word("x", kCommands), "");
  EXPECT_EQ(nearest_word(std::string(100000, 'a'), kCommands), "");
}

}  // namespace
}  // namespace chanspect::cli
