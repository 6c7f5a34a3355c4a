#include "go/layout_in_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/go_target.h"

namespace chanspect::go {
namespace {

using chanspect::testing::go_program;
using chanspect::testing::GoProcess;
using chanspect::testing::GoTarget;
using chanspect::testing::must;
using ::testing::HasSubstr;

class LayoutInCode : public ::testing::TestWithParam<std::string> {
 protected:
  /// Once it runs: before, it is another program.
  pid_t pid_when_ready() {
    if (!process_.line().starts_with("ready")) throw std::runtime_error("it does not run");
    return process_.pid();
  }

  Result<void> check(const char* release) const {
    const auto layout = must(layout_from_table(must(parse_release(release))));
    const RunningImage image(*target_.memory, target_.elf, target_.bias, Arch::amd64);
    return check_layout_by_code(image, functions_, layout);
  }

  GoProcess process_{{go_program("hello", GetParam())}};
  GoTarget target_{pid_when_ready()};
  FunctionTable functions_ = target_.functions();
};

TEST_P(LayoutInCode, IsTheTables) {
  const auto fits = check(("go" + GetParam()).c_str());
  EXPECT_TRUE(fits) << fits.error().message();
}

/// Its own release's is the only one that fits, of those that differ in what the code shows.
TEST_P(LayoutInCode, IsNotThatOfAReleaseInWhichTheFieldsLieElsewhere) {
  const auto own = target_.layout;
  for (const char* other : {"go1.19", "go1.22.12", "go1.23.12", "go1.24.13", "go1.25.8"}) {
    const auto layout = must(layout_from_table(must(parse_release(other))));
    const bool same = layout.g.m.offset == own.g.m.offset &&
                      layout.m.curg.offset == own.m.curg.offset &&
                      layout.g.atomicstatus.offset == own.g.atomicstatus.offset &&
                      layout.g.sched_sp.offset == own.g.sched_sp.offset &&
                      layout.g.sched_bp.offset == own.g.sched_bp.offset;
    const auto fits = check(other);
    EXPECT_EQ(fits.has_value(), same) << other;
    if (!fits) {
      EXPECT_EQ(fits.error().code, ErrorCode::unknown_release);
      EXPECT_THAT(fits.error().why, HasSubstr(other));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllReleases, LayoutInCode,
                         ::testing::ValuesIn(chanspect::testing::go_releases()),
                         [](const auto& test) {
                           std::string name = "Go" + test.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

/// An unknown release's layout is the nearest one's, and says so.
TEST(LayoutOfNearest, SaysThatItIsInferred) {
  const auto release = must(parse_release("go1.99.3"));
  const auto layout = must(layout_of_nearest(release));
  EXPECT_EQ(layout.release, release);
  EXPECT_THAT(layout.source, HasSubstr("inferred"));
  EXPECT_THAT(layout.source, HasSubstr("go1.27"));
  EXPECT_FALSE(layout_of_nearest(must(parse_release("go1.99.3 X:staticlockranking"))));
}

}  // namespace
}  // namespace chanspect::go
