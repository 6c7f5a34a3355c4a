#include "analysis/goroutines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/frames.h"
#include "analysis/pair_numbers.h"
#include "support/payments_snapshot.h"

namespace chanspect::analysis {
namespace {

using snapshot::Snapshot;
using ::testing::ElementsAre;
using testing::kMinute;
using testing::SnapshotBuilder;

const Snapshot& payments() {
  static const Snapshot snapshot = testing::payments_snapshot();
  return snapshot;
}

std::vector<std::uint64_t> ids(const Snapshot& snapshot, const std::vector<std::uint32_t>& found) {
  std::vector<std::uint64_t> result;
  result.reserve(found.size());
  for (const std::uint32_t index : found) result.push_back(snapshot.goroutines[index].id);
  return result;
}

std::vector<std::uint64_t> selected(const GoroutineQuery& query) {
  return ids(payments(), select_goroutines(payments(), query));
}

/// A query that differs from the default in one thing.
template <class Change>
std::vector<std::uint64_t> with(Change change) {
  GoroutineQuery query;
  change(query);
  return selected(query);
}

TEST(Goroutines, AllOfTheUserAscendingById) {
  EXPECT_THAT(selected({}), ElementsAre(1, 20, 21, 22, 23, 24, 25, 30, 31, 40, 50, 51, 52, 53, 60,
                                        61, 62, 70, 80));
}

TEST(Goroutines, TheSnapshotsOwnOrderIsKeptOnDemand) {
  const auto found = filter_goroutines(payments(), {});
  EXPECT_TRUE(std::ranges::is_sorted(found));
  EXPECT_EQ(found.size(), 19U);
}

TEST(Goroutines, StatesByEitherName) {
  EXPECT_THAT(with([](auto& q) { q.states = {"_Grunning"}; }), ElementsAre(1));
  EXPECT_THAT(with([](auto& q) { q.states = {"Runnable", "running"}; }), ElementsAre(1, 80));
  EXPECT_THAT(with([](auto& q) { q.states = {"run"}; }), ElementsAre());
}

TEST(Goroutines, FiltersOneByOne) {
  EXPECT_THAT(with([](auto& q) { q.reasons = {"NIL CHAN"}; }), ElementsAre(60));
  EXPECT_THAT(with([](auto& q) { q.functions = {"Ledger"}; }), ElementsAre(50, 51, 52, 53));
  EXPECT_THAT(with([](auto& q) { q.functions = {"deliver.func1"}; }),
              ElementsAre(20, 21, 22, 23, 24, 25));
  EXPECT_THAT(with([](auto& q) { q.labels = {"request"}; }), ElementsAre(25));
  EXPECT_THAT(with([](auto& q) { q.labels = {"request=17"}; }), ElementsAre(25));
  EXPECT_THAT(with([](auto& q) { q.labels = {"request=1"}; }), ElementsAre());
  EXPECT_THAT(with([](auto& q) { q.channel = 0xc0003f4060; }), ElementsAre(30, 31, 40));
  EXPECT_THAT(with([](auto& q) { q.channel = 0xdead; }), ElementsAre());
  EXPECT_THAT(with([](auto& q) { q.older_than_ns = 40 * kMinute; }),
              ElementsAre(20, 21, 22, 23, 24, 25, 30));
  EXPECT_THAT(with([](auto& q) { q.created_by = {"main.main"}; }),
              ElementsAre(20, 21, 22, 23, 24, 25, 31));
}

TEST(Goroutines, BlockedOnesWaitOnChannelsLocksOrForEver) {
  EXPECT_THAT(with([](auto& q) { q.blocked_only = true; }),
              ElementsAre(20, 21, 22, 23, 24, 25, 30, 31, 40, 50, 51, 52, 53, 60, 61, 62));
}

TEST(Goroutines, SystemOnesWhenAskedFor) {
  EXPECT_THAT(with([](auto& q) { q.ids = {2}; }), ElementsAre(2));
  EXPECT_THAT(with([](auto& q) {
                q.with_system = true;
                q.reasons = {"force gc"};
              }),
              ElementsAre(2));
}

TEST(Goroutines, WhatMovedIsOnlyItsState) {
  EXPECT_THAT(with([](auto& q) {
                q.states = {"runnable"};
                q.functions = {""};
              }),
              ElementsAre());
}

TEST(Groups, LargestFirst) {
  const auto all = select_goroutines(payments(), {});
  const auto groups = group_goroutines(payments(), all, {GroupKey::reason});
  ASSERT_GE(groups.size(), 3U);
  EXPECT_EQ(groups[0].key, "chan send");
  EXPECT_THAT(ids(payments(), groups[0].members), ElementsAre(20, 21, 22, 23, 24, 25));
  EXPECT_EQ(groups[0].longest_wait_ns, 171 * kMinute + 25);
  EXPECT_EQ(groups[1].key, "sync.Mutex.Lock");
  std::size_t members = 0;
  for (const auto& group : groups) members += group.members.size();
  EXPECT_EQ(members, all.size());
}

TEST(Groups, SeveralKeysTogether) {
  const auto groups = group_goroutines(payments(), select_goroutines(payments(), {}),
                                       {GroupKey::reason, GroupKey::channel});
  EXPECT_EQ(groups[0].key, "chan send  0xc00012a000");
  const auto select = std::ranges::find_if(groups, [](const auto& group) {
    return group.key == "select  0xc00012a000,0xc0003f4060,0xc000500000";
  });
  ASSERT_NE(select, groups.end());
  EXPECT_THAT(ids(payments(), select->members), ElementsAre(40));
}

TEST(Groups, BySiteStackLabelAndCreator) {
  const auto all = select_goroutines(payments(), {});
  const auto by_site = group_goroutines(payments(), all, {GroupKey::site});
  EXPECT_EQ(by_site[0].key,
            "example.com/pay/retry.(*Queue[go.shape.*uint8]).Push /home/me/pay/retry/queue.go:88");
  EXPECT_NE(by_site[0].frame, snapshot::kNone);
  EXPECT_EQ(group_goroutines(payments(), all, {GroupKey::stack})[0].members.size(), 6U);
  EXPECT_EQ(group_goroutines(payments(), all, {GroupKey::creator})[1].key,
            "main.main /home/me/pay/main.go:30");
  const auto by_label = group_goroutines(payments(), all, {GroupKey::label});
  ASSERT_EQ(by_label.size(), 3U);  // without, those of 25, and those that moved
  EXPECT_EQ(by_label[0].key, "(no labels)");
  EXPECT_EQ(by_label[1].key, "request=17, user=a\tb");
}

TEST(Groups, SitesAtTwoPcsAreOneAndStacksAreNot) {
  SnapshotBuilder b;
  b.channel(0x100, "int");
  b.receives(5, 0x100, b.stack_at("main.f", "/main.go", 1));
  b.receives(6, 0x100, b.stack_at("main.f", "/main.go", 1));
  const Snapshot snapshot = b.build();
  EXPECT_EQ(group_goroutines(snapshot, {0, 1}, {GroupKey::site}).size(), 1U);
  EXPECT_EQ(group_goroutines(snapshot, {0, 1}, {GroupKey::stack}).size(), 2U);
  EXPECT_TRUE(group_goroutines(snapshot, {}, {GroupKey::site}).empty());
}

TEST(Frames, UserFramesCountFromTheSite) {
  SnapshotBuilder b;
  const auto stack =
      b.stack({{.function = "runtime.gopark", .file = "", .runtime = true, .hidden = true},
               {.function = "main.wait", .file = "/main.go", .line = 1},
               {.function = "main.wrapper", .file = "", .hidden = true},
               {.function = "runtime.Callers", .file = "", .runtime = true},
               {.function = "main.main", .file = "/main.go", .line = 2}});
  const Snapshot snapshot = b.build();
  const auto function = [&](std::uint32_t k) {
    const auto frame = user_frame(snapshot, stack, k);
    return frame == snapshot::kNone ? "none" : snapshot.strings[snapshot.frames[frame].function];
  };
  EXPECT_EQ(function(1), "main.wait");
  EXPECT_EQ(function(2), "main.main");
  EXPECT_EQ(function(3), "none");
  EXPECT_EQ(count_user_frames(snapshot, stack), 2U);
  EXPECT_EQ(count_user_frames(snapshot, snapshot::kNone), 0U);
}

TEST(PairNumbers, CountUpInOrderOfAppearance) {
  PairNumbers pairs;
  for (std::uint32_t a = 0; a < 300; ++a)
    for (std::uint32_t b = 0; b < 10; ++b) EXPECT_EQ(pairs.number(a, ~b), a * 10 + b);
  for (std::uint32_t a = 0; a < 300; ++a) EXPECT_EQ(pairs.number(a, ~3U), a * 10 + 3);
  EXPECT_EQ(pairs.size(), 3000U);
}

}  // namespace
}  // namespace chanspect::analysis
