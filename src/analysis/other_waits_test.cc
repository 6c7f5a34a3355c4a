#include "analysis/other_waits.h"

#include <gtest/gtest.h>

#include "analysis/census.h"
#include "analysis/words.h"
#include "support/payments_snapshot.h"

namespace chanspect::analysis {
namespace {

using snapshot::Snapshot;
using snapshot::WaitKind;
using testing::SnapshotBuilder;

TEST(OtherWaits, LocksByAddress) {
  SnapshotBuilder b;
  const auto here = b.stack_at("main.f", "/main.go", 1);
  const auto there = b.stack_at("main.g", "/main.go", 2);
  b.locks(1, "sync.Mutex.Lock", WaitKind::mutex, 0x100, here);
  b.locks(2, "sync.Mutex.Lock", WaitKind::mutex, 0x200, here);
  b.locks(3, "sync.Mutex.Lock", WaitKind::mutex, 0x200, there).wait_ns = 7;
  b.locks(4, "sync.Mutex.Lock", WaitKind::mutex, 0x200, there);
  b.locks(5, "sync.Mutex.Lock", WaitKind::mutex, 0x200, there).system = true;
  const Snapshot snapshot = b.build();
  const auto rows = list_locks(snapshot);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].object, 0x200U);
  EXPECT_EQ(rows[0].waiters, 3U);
  EXPECT_EQ(rows[0].longest_wait_ns, 7);
  EXPECT_EQ(snapshot.strings[snapshot.frames[rows[0].site].function], "main.g");
  EXPECT_EQ(rows[0].at_site, 2U);
  EXPECT_EQ(rows[1].object, 0x100U);
}

TEST(OtherWaits, LocksWithoutAddressBySite) {
  SnapshotBuilder b;
  const auto here = b.stack_at("main.f", "/main.go", 1);
  const auto there = b.stack_at("main.g", "/main.go", 2);
  b.locks(1, "sync.Cond.Wait", WaitKind::cond, 0, here);
  b.locks(2, "sync.Cond.Wait", WaitKind::cond, 0, here);
  b.locks(3, "sync.Cond.Wait", WaitKind::cond, 0, there);
  const auto rows = list_locks(b.build());
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].waiters, 2U);
  EXPECT_EQ(rows[1].waiters, 1U);
}

TEST(OtherWaits, NothingCanWakeNilChannels) {
  const auto rows = list_forever(testing::payments_snapshot());
  ASSERT_EQ(rows.size(), 3U);
  for (const WaitRow& row : rows) EXPECT_EQ(row.waiters, 1U);
}

TEST(Census, CountsTheUsersByWhatTheyDo) {
  const Census census = take_census(testing::payments_snapshot());
  EXPECT_EQ(census.goroutines, 19U);
  EXPECT_EQ(census.system, 1U);
  EXPECT_TRUE(census.any_wait_known);
  const auto count = [&](Activity activity) {
    return census.user[static_cast<std::size_t>(activity)];
  };
  EXPECT_EQ(count(Activity::channel), 9U);
  EXPECT_EQ(count(Activity::mutex), 4U);
  EXPECT_EQ(count(Activity::forever), 3U);
  EXPECT_EQ(count(Activity::io), 1U);
  EXPECT_EQ(count(Activity::running), 1U);
  EXPECT_EQ(count(Activity::moving), 1U);
}

TEST(Words, BlockTypesOfOldReleasesComeFromFrames) {
  SnapshotBuilder b;
  b.goroutine(1, "semacquire", WaitKind::mutex);
  b.goroutine(2, "semacquire", WaitKind::wait_group);
  b.goroutine(3, "semacquire", WaitKind::semaphore);
  b.goroutine(4, "sync.RWMutex.RLock", WaitKind::rwmutex_read);
  b.goroutine(5, "select", WaitKind::select);
  b.goroutine(6, "", WaitKind::none).status = snapshot::Status::syscall;
  const Snapshot snapshot = b.build();
  const auto type = [&](std::size_t i) { return block_type(snapshot, snapshot.goroutines[i]); };
  EXPECT_EQ(type(0), "sync.Mutex.Lock");
  EXPECT_EQ(type(1), "sync.WaitGroup.Wait");
  EXPECT_EQ(type(2), "semacquire");
  EXPECT_EQ(type(3), "sync.RWMutex.RLock");
  EXPECT_EQ(type(4), "select (nil chan)");
  EXPECT_EQ(type(5), "syscall");
}

}  // namespace
}  // namespace chanspect::analysis
