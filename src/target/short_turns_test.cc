#include "target/short_turns.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <thread>

namespace chanspect::target {
namespace {

bool kernel_knows_turns() {
  utsname kernel{};
  uname(&kernel);
  char* rest = kernel.release;
  const auto major = std::strtol(rest, &rest, 10);
  const auto minor = *rest == '.' ? std::strtol(rest + 1, &rest, 10) : 0;
  return major > 6 || (major == 6 && minor >= 12);
}

TEST(ShortTurns, AreTakenByThisThreadAndThoseItStartsAndGivenBack) {
  const std::uint64_t before = ShortTurns::turn_ns();
  {
    const ShortTurns turns;
    const std::uint64_t expected = kernel_knows_turns() ? ShortTurns::kTurnNs : before;
    EXPECT_EQ(ShortTurns::turn_ns(), expected);
    std::uint64_t of_started = 0;
    std::jthread([&] { of_started = ShortTurns::turn_ns(); }).join();
    EXPECT_EQ(of_started, expected);
  }
  EXPECT_EQ(ShortTurns::turn_ns(), before);
}

TEST(ShortTurns, LeavePolicyAndShareAsTheyWere) {
  const int policy = sched_getscheduler(0);
  const int nice = getpriority(PRIO_PROCESS, 0);
  {
    const ShortTurns turns;
    EXPECT_EQ(sched_getscheduler(0), policy);
    EXPECT_EQ(getpriority(PRIO_PROCESS, 0), nice);
  }
  EXPECT_EQ(sched_getscheduler(0), policy);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), nice);
}

}  // namespace
}  // namespace chanspect::target
