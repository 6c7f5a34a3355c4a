#include <gtest/gtest.h>

#include <cstdlib>

#include "capture/capture.h"
#include "support/go_program.h"

namespace chanspect::capture {
namespace {

using testing::go_program;
using testing::GoProcess;

/// "ready pid 12 chan 0xc000012340" of tests/programs/hello.
snapshot::Address printed_channel(const std::string& line) {
  const auto at = line.rfind("0x");
  return at == std::string::npos ? 0 : std::strtoull(line.c_str() + at, nullptr, 16);
}

class ProgramTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ProgramTest, FindsTheOneStuckGoroutineAndItsChannel) {
  GoProcess program({go_program("hello", GetParam())});
  const snapshot::Address expected = printed_channel(program.line());
  ASSERT_NE(expected, 0U);
  const auto process = Program::open(program.pid());
  ASSERT_TRUE(process) << process.error().message();
  for (const auto stop : {snapshot::StopMode::none, snapshot::StopMode::freeze}) {
    Options options;
    options.stop = stop;
    options.stacks = Options::Stacks::full;
    const auto got = process->capture(options);
    ASSERT_TRUE(got) << got.error().message();
    ASSERT_EQ(got->channels.size(), 1U);
    const snapshot::Channel& channel = got->channels[0];
    EXPECT_EQ(channel.address, expected);
    EXPECT_TRUE(channel.settled);
    EXPECT_FALSE(channel.closed);
    EXPECT_EQ(channel.capacity, 0U);
    EXPECT_EQ(got->strings[channel.elem_type], "int");
    ASSERT_EQ(channel.receiver_count, 1U);
    EXPECT_EQ(channel.sender_count, 0U);
    const snapshot::Wait& wait = got->waits[got->queue[channel.first_receiver]];
    const snapshot::Goroutine& goroutine = got->goroutines[wait.goroutine];
    EXPECT_EQ(goroutine.kind, snapshot::WaitKind::chan_receive);
    EXPECT_EQ(got->strings[goroutine.reason], "chan receive");
    ASSERT_NE(goroutine.stack, snapshot::kNone);
    const snapshot::Stack& stack = got->stacks[goroutine.stack];
    ASSERT_NE(stack.site, snapshot::kNone);
    const auto& site = got->frames[got->stack_frames[stack.first + stack.site].frame];
    EXPECT_EQ(got->strings[site.function], "main.stuck");
    EXPECT_EQ(site.line, 11U);
    ASSERT_NE(goroutine.creator, snapshot::kNone);
    EXPECT_EQ(got->strings[got->frames[goroutine.creator].function], "main.main");
    EXPECT_EQ(got->completeness.unreadable, 0U);
    EXPECT_EQ(got->completeness.unsettled, 0U);
  }
}

TEST_P(ProgramTest, WatchGivesALowerBoundWithoutAnyCollection) {
  GoProcess program({go_program("hello", GetParam())});
  program.line();
  const auto process = Program::open(program.pid());
  ASSERT_TRUE(process) << process.error().message();
  Options options;
  options.watch_ns = 300'000'000;
  const auto got = process->capture(options);
  ASSERT_TRUE(got) << got.error().message();
  ASSERT_EQ(got->channels.size(), 1U);
  const auto& wait = got->waits[got->queue[got->channels[0].first_receiver]];
  EXPECT_GE(got->goroutines[wait.goroutine].wait_ns, options.watch_ns);
  EXPECT_EQ(got->channels[0].waiters_before, 1U);
}

INSTANTIATE_TEST_SUITE_P(Releases, ProgramTest, ::testing::ValuesIn(testing::go_releases()),
                         [](const auto& release) {
                           std::string name = "go" + release.param;
                           for (char& c : name)
                             if (c == '.') c = '_';
                           return name;
                         });

TEST(ProgramOpenTest, SaysThatAProgramIsNotGo) {
  GoProcess program({"/bin/sleep", "100"});
  const auto process = Program::open(program.pid());
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().code, ErrorCode::not_go);
}

TEST(ProgramOpenTest, SaysThatThereIsNoSuchProcess) {
  const auto process = Program::open(0x3ffffffe);
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().code, ErrorCode::no_such_process);
}

}  // namespace
}  // namespace chanspect::capture
