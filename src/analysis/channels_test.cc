#include "analysis/channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

#include "support/payments_snapshot.h"

namespace chanspect::analysis {
namespace {

using snapshot::Direction;
using snapshot::Snapshot;
using ::testing::ElementsAre;
using testing::kMinute;
using testing::SnapshotBuilder;

std::vector<snapshot::Address> addresses(const Snapshot& snapshot,
                                         const std::vector<ChannelRow>& rows) {
  std::vector<snapshot::Address> found;
  found.reserve(rows.size());
  for (const ChannelRow& row : rows) found.push_back(snapshot.channels[row.channel].address);
  return found;
}

TEST(Channels, CountsWaitersByWhatTheyDo) {
  const Snapshot snapshot = testing::payments_snapshot();
  const auto rows = list_channels(snapshot, {});
  ASSERT_EQ(rows.size(), 3U);
  const ChannelRow& queue = rows[0];
  EXPECT_EQ(snapshot.channels[queue.channel].address, 0xc00012a000);
  EXPECT_EQ(queue.senders, 6U);
  EXPECT_EQ(queue.receivers, 0U);
  EXPECT_EQ(queue.selects, 1U);
  EXPECT_EQ(queue.oldest_goroutine, 20U);
  EXPECT_EQ(queue.longest_wait_ns, 171 * kMinute + 25);
  EXPECT_EQ(snapshot.strings[snapshot.frames[queue.site].function],
            "example.com/pay/retry.(*Queue[go.shape.*uint8]).Push");
  EXPECT_EQ(queue.at_site, 6U);
  EXPECT_EQ(queue.sites, 2U);
}

TEST(Channels, OrdersAsAsked) {
  SnapshotBuilder b;
  const auto here = b.stack_at("main.f", "/main.go", 1);
  for (const snapshot::Address address : {0x100, 0x200, 0x300}) b.channel(address, "int");
  b.receives(9, 0x100, here).wait_ns = 5;
  b.receives(7, 0x200, here);
  b.receives(8, 0x200, here);
  b.receives(11, 0x300, here).wait_ns = 6;
  const Snapshot snapshot = b.build();
  const auto order = [&](ChannelOrder by) {
    ChannelQuery query;
    query.order = by;
    return addresses(snapshot, list_channels(snapshot, query));
  };
  EXPECT_THAT(order(ChannelOrder::waiters), ElementsAre(0x200, 0x100, 0x300));
  EXPECT_THAT(order(ChannelOrder::age), ElementsAre(0x300, 0x100, 0x200));
  EXPECT_THAT(order(ChannelOrder::address), ElementsAre(0x100, 0x200, 0x300));
  EXPECT_THAT(order(ChannelOrder::oldest), ElementsAre(0x200, 0x100, 0x300));
}

TEST(Channels, ASelectWithOneChannelTwiceCountsOnce) {
  SnapshotBuilder b;
  b.channel(0x100, "int");
  b.selects(5, {{0x100, Direction::receive}, {0x100, Direction::send}},
            b.stack_at("main.f", "/main.go", 1));
  const auto rows = list_channels(b.build(), {});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].selects, 1U);
  EXPECT_EQ(rows[0].waiters(), 1U);
  EXPECT_EQ(rows[0].at_site, 1U);
}

TEST(Channels, TheSamePlaceAtTwoPcsIsOneSite) {
  SnapshotBuilder b;
  b.channel(0x100, "int");
  b.receives(5, 0x100, b.stack_at("main.f", "/main.go", 1));
  b.receives(6, 0x100, b.stack_at("main.f", "/main.go", 1));
  b.receives(7, 0x100, b.stack_at("main.f", "/main.go", 2));
  const auto rows = list_channels(b.build(), {});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at_site, 2U);
  EXPECT_EQ(rows[0].sites, 2U);
}

TEST(Channels, FiltersHoldTogether) {
  const Snapshot snapshot = testing::payments_snapshot();
  const auto found = [&](auto change) {
    ChannelQuery query;
    query.order = ChannelOrder::address;
    change(query);
    return addresses(snapshot, list_channels(snapshot, query));
  };
  using Q = ChannelQuery;
  EXPECT_THAT(found([](Q& q) { q.min_waiters = 4; }), ElementsAre(0xc00012a000));
  EXPECT_THAT(found([](Q& q) { q.older_than_ns = 60 * kMinute; }), ElementsAre(0xc00012a000));
  EXPECT_THAT(found([](Q& q) { q.elem_type = "struct"; }), ElementsAre(0xc0003f4060));
  EXPECT_THAT(found([](Q& q) { q.at_function = "deliver"; }), ElementsAre(0xc00012a000));
  EXPECT_THAT(found([](Q& q) { q.with_timers = false; }), ElementsAre(0xc00012a000, 0xc0003f4060));
  EXPECT_THAT(found([](Q& q) {
                q.elem_type = "struct";
                q.at_function = "deliver";
              }),
              ElementsAre());
}

TEST(Channels, StuckOnesAreUnclosedAndTheUsers) {
  SnapshotBuilder b;
  const auto here = b.stack_at("main.f", "/main.go", 1);
  b.channel(0x100, "int").closed = true;
  b.channel(0x200, "int").timer = true;
  b.channel(0x300, "int");
  b.channel(0x400, "int");
  for (const std::uint64_t id : {1, 2, 3, 4}) b.receives(id + 10, id * 0x100, here);
  b.made.goroutines[2].system = true;
  const Snapshot snapshot = b.build();
  EXPECT_THAT(addresses(snapshot, stuck_channels(snapshot, ChannelOrder::oldest)),
              ElementsAre(0x400));
}

TEST(Channels, WhoMovesIsNotCounted) {
  SnapshotBuilder b;
  b.channel(0x100, "int");
  b.receives(5, 0x100, b.stack_at("main.f", "/main.go", 1)).settled = false;
  EXPECT_TRUE(list_channels(b.build(), {}).empty());
}

TEST(Channels, AreFoundByAddress) {
  const Snapshot snapshot = testing::payments_snapshot();
  const auto found = find_channel(snapshot, 0xc0003f4060);
  ASSERT_TRUE(found);
  EXPECT_EQ(snapshot.channels[*found].address, 0xc0003f4060);
  EXPECT_FALSE(find_channel(snapshot, 0xc0003f4061));
  EXPECT_FALSE(find_channel(snapshot, ~0ULL));
}

/// The same by the plainest means: sets and maps.
TEST(Channels, AgreeWithCountingByHandOnRandomSnapshots) {
  std::mt19937 random(20240607);  // NOLINT(bugprone-random-generator-seed): reproducible
  const auto below = [&](unsigned n) {
    return std::uniform_int_distribution<unsigned>(0, n - 1)(random);
  };
  const auto any_channel = [&] { return (snapshot::Address{1} + below(20)) * 0x100; };
  for (int round = 0; round < 50; ++round) {
    SnapshotBuilder b;
    std::vector<snapshot::StackId> stacks;
    stacks.reserve(6);
    for (unsigned s = 0; s < 6; ++s)
      stacks.push_back(b.stack_at("main.f" + std::to_string(s % 4), "/main.go", 1));
    for (snapshot::Address c = 1; c <= 20; ++c) b.channel(c * 0x100, "int");
    std::map<snapshot::Address, std::set<std::uint64_t>> senders, receivers, selects;
    std::map<snapshot::Address, std::map<unsigned, unsigned>> sites;
    for (std::uint64_t id = 1; id <= 200; ++id) {
      const unsigned stack = below(6);
      std::set<snapshot::Address> on;
      if (below(3) == 0) {
        std::vector<SnapshotBuilder::Case> cases;
        for (unsigned i = below(5); i > 0; --i)
          on.insert(cases.emplace_back(any_channel()).channel);
        b.selects(id, cases, stacks[stack]);
        for (const auto channel : on) selects[channel].insert(id);
      } else {
        const snapshot::Address channel = any_channel();
        on.insert(channel);
        if (below(2) == 0) {
          b.sends(id, channel, stacks[stack]);
          senders[channel].insert(id);
        } else {
          b.receives(id, channel, stacks[stack]);
          receivers[channel].insert(id);
        }
      }
      for (const auto channel : on) ++sites[channel][stack % 4];
    }
    const Snapshot snapshot = b.build();
    const auto rows = list_channels(snapshot, {});
    EXPECT_EQ(rows.size(), sites.size());
    for (const ChannelRow& row : rows) {
      const snapshot::Address at = snapshot.channels[row.channel].address;
      EXPECT_EQ(row.senders, senders[at].size());
      EXPECT_EQ(row.receivers, receivers[at].size());
      EXPECT_EQ(row.selects, selects[at].size());
      unsigned most = 0;
      for (const auto& [site, count] : sites[at]) most = std::max(most, count);
      EXPECT_EQ(row.at_site, most);
      EXPECT_EQ(row.sites, sites[at].size());
    }
  }
}

}  // namespace
}  // namespace chanspect::analysis
