#include "target/stopped_threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <new>
#include <string>
#include <thread>

namespace chanspect::target {
namespace {

using namespace std::chrono_literals;

/// What a child with several threads counts, where we can see it.
struct Counters {
  std::atomic<std::uint64_t> ticks[4];
  std::atomic<int> signals;
};

Counters* signalled = nullptr;

class StoppedThreadsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    void* map =
        mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(map, MAP_FAILED);
    counters_ = new (map) Counters{};
    child_ = fork();
    if (child_ == 0) {
      signalled = counters_;
      std::signal(SIGUSR1, [](int) { ++signalled->signals; });
      for (int i = 1; i < 4; ++i) std::thread([this, i] { count(i); }).detach();
      count(0);
    }
    while (counters_->ticks[0] == 0 || counters_->ticks[3] == 0) std::this_thread::sleep_for(1ms);
  }
  void TearDown() override {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    munmap(counters_, sizeof(Counters));
  }
  [[noreturn]] void count(int i) const {
    for (;;) {
      ++counters_->ticks[i];
      std::this_thread::sleep_for(50us);
    }
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto& ticks : counters_->ticks) sum += ticks;
    return sum;
  }
  bool moves() const {
    const std::uint64_t before = total();
    for (int i = 0; i < 200 && total() == before; ++i) std::this_thread::sleep_for(5ms);
    return total() != before;
  }
  std::string status_line(const std::string& key) const {
    std::ifstream status("/proc/" + std::to_string(child_) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with(key)) return line;
    return {};
  }

  Counters* counters_ = nullptr;
  pid_t child_ = -1;
};

TEST_F(StoppedThreadsTest, AllThreadsStandStillAndGoOnAfterwards) {
  {
    const auto stopped = StoppedThreads::stop(child_);
    ASSERT_TRUE(stopped) << stopped.error().message();
    EXPECT_EQ(stopped->size(), 4U);
    EXPECT_EQ(stopped->registers().size(), 4U);
    for (const auto& registers : stopped->registers()) {
      EXPECT_NE(registers.pc, 0U);
      EXPECT_NE(registers.sp, 0U);
    }
    const std::uint64_t before = total();
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(total(), before);
  }
  EXPECT_TRUE(moves());
  EXPECT_EQ(status_line("TracerPid:"), "TracerPid:\t0");
}

TEST_F(StoppedThreadsTest, ASignalSentMeanwhileIsNotLost) {
  {
    const auto stopped = StoppedThreads::stop(child_);
    ASSERT_TRUE(stopped);
    kill(child_, SIGUSR1);
    std::this_thread::sleep_for(10ms);
    EXPECT_EQ(counters_->signals, 0);
  }
  for (int i = 0; i < 200 && counters_->signals == 0; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(counters_->signals, 1);
}

TEST_F(StoppedThreadsTest, SignalsThatRainWhileItStopsAllArrive) {
  int sent = 0;
  std::atomic<bool> enough = false;
  std::thread rain([&] {
    while (!enough) {
      const int before = counters_->signals;
      kill(child_, SIGUSR1);
      ++sent;
      // One at a time: signals of one number do not queue.
      for (int i = 0; i < 4000 && counters_->signals == before && !enough; ++i)
        std::this_thread::sleep_for(50us);
    }
  });
  for (int i = 0; i < 100; ++i) {
    const auto stopped = StoppedThreads::stop(child_);
    EXPECT_TRUE(stopped);
  }
  enough = true;
  rain.join();
  for (int i = 0; i < 200 && counters_->signals < sent; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_GT(sent, 0);
  EXPECT_GE(counters_->signals, sent - 1);  // the last may have met one still pending
  EXPECT_TRUE(moves());
}

TEST_F(StoppedThreadsTest, ATracerThatIsKilledLetsGo) {
  const pid_t tracer = fork();
  if (tracer == 0) {
    const auto stopped = StoppedThreads::stop(child_);
    while (stopped.has_value()) pause();
    _exit(1);
  }
  const auto begin = std::chrono::steady_clock::now();
  while (status_line("State:").find("tracing stop") == std::string::npos &&
         std::chrono::steady_clock::now() - begin < 5s)
    std::this_thread::sleep_for(1ms);
  kill(tracer, SIGKILL);
  waitpid(tracer, nullptr, 0);
  EXPECT_TRUE(moves());
  EXPECT_EQ(status_line("TracerPid:"), "TracerPid:\t0");
}

TEST(StoppedThreadsOfAZombieLeaderTest, StopsTheThreadsThatAreLeft) {
  const pid_t child = fork();
  if (child == 0) {
    std::thread([] {
      for (;;) pause();
    }).detach();
    syscall(SYS_exit, 0);  // this thread alone
  }
  std::string state;
  for (int i = 0; i < 1000 && state.find('Z') == std::string::npos; ++i) {
    std::this_thread::sleep_for(1ms);
    std::ifstream status("/proc/" + std::to_string(child) + "/status");
    while (std::getline(status, state) && !state.starts_with("State:")) {
    }
  }
  {
    const auto stopped = StoppedThreads::stop(child);
    ASSERT_TRUE(stopped) << stopped.error().message();
    EXPECT_EQ(stopped->size(), 1U);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST(StoppedThreadsOfAThreadInTheKernelTest, SaysSoAndLetsGo) {
  const pid_t parent = fork();
  if (parent == 0) {
    // As vfork(2), but for the shared memory.
    if (syscall(SYS_clone, CLONE_VFORK | SIGCHLD, nullptr, nullptr, nullptr, nullptr) == 0) {
      usleep(2'500'000);
      _exit(0);
    }
    pause();
    _exit(0);
  }
  std::this_thread::sleep_for(100ms);  // until it waits for the end of its vfork
  const auto stopped = StoppedThreads::stop(parent);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::unsupported);
  EXPECT_THAT(stopped.error().message(), testing::HasSubstr("hangs in the kernel"));
  EXPECT_EQ(kill(parent, 0), 0);
  kill(parent, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(parent, &status, 0), parent);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(StoppedThreadsOfNobodyTest, IsGone) {
  const auto stopped = StoppedThreads::stop(0x3ffffffe);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::gone);
}

}  // namespace
}  // namespace chanspect::target
