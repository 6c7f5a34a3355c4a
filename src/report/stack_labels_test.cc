#include "report/stack_labels.h"

#include <gtest/gtest.h>

namespace chanspect::report {
namespace {

// runtime/print.go: printquoted.
TEST(StackLabelsTest, QuotesAsTheRuntimeDoes) {
  EXPECT_EQ(go_quoted("plain"), R"("plain")");
  EXPECT_EQ(go_quoted("a\tb\n\"\\"), R"("a\tb\n\"\\")");
  EXPECT_EQ(go_quoted("r\u00e9sum\u00e9"), R"("r\u00e9sum\u00e9")");
  EXPECT_EQ(go_quoted("\xf0\x9f\x98\x80"), R"("\U0001f600")");
  EXPECT_EQ(go_quoted(std::string("\x01\x7f", 2)), R"("\x01\u007f")");
  EXPECT_EQ(go_quoted("\xff\xc3"), R"("\xff\xc3")");
}

TEST(StackLabelsTest, TheFormOfEachRelease) {
  snapshot::Snapshot snapshot;
  const auto add = [&](const char* text) { return snapshot.strings.add(text); };
  const snapshot::Labels labels = {{add("job"), add("a/b_1.2")}, {add("tenant"), add("acme corp")}};
  EXPECT_EQ(stack_labels(snapshot, labels, 27), R"( {job: a/b_1.2, tenant: "acme corp"})");
  EXPECT_EQ(stack_labels(snapshot, labels, 26),
            R"( labels:{"job": "a/b_1.2", "tenant": "acme corp"})");
  EXPECT_EQ(stack_labels(snapshot, {}, 27), "");
}

}  // namespace
}  // namespace chanspect::report
