#include "target/live_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <numeric>

namespace chanspect::target {
namespace {

constexpr std::size_t kPage = 4096;

/// Four pages that a forked child has too; the third is not readable in either.
class SharedLayout : public ::testing::Test {
 protected:
  void SetUp() override {
    void* map =
        mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(map, MAP_FAILED);
    base_ = static_cast<unsigned char*>(map);
    std::iota(base_, base_ + 4 * kPage, static_cast<unsigned char>(1));
    munmap(base_ + 2 * kPage, kPage);
    child_ = fork();
    if (child_ == 0) {
      for (;;) pause();
    }
  }
  void TearDown() override {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    munmap(base_, 2 * kPage);
    munmap(base_ + 3 * kPage, kPage);
  }
  Address at(std::size_t offset) const { return reinterpret_cast<Address>(base_) + offset; }

  unsigned char* base_ = nullptr;
  pid_t child_ = -1;
};

TEST_F(SharedLayout, ReadsAnotherProcess) {
  const auto memory = LiveMemory::open(child_);
  ASSERT_TRUE(memory) << memory.error().message();
  std::array<std::byte, 100> bytes{};
  ASSERT_TRUE((*memory)->read(at(kPage - 50), bytes));
  EXPECT_EQ(std::memcmp(bytes.data(), base_ + kPage - 50, bytes.size()), 0);
  EXPECT_EQ((*memory)->bytes_read(), bytes.size());
}

TEST_F(SharedLayout, AnUnmappedPageIsUnreadableAndNamed) {
  const auto memory = LiveMemory::open(child_);
  ASSERT_TRUE(memory);
  std::array<std::byte, 100> bytes{};
  const auto got = (*memory)->read(at(2 * kPage - 50), bytes);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::unreadable);
}

TEST_F(SharedLayout, OfManyRangesOnlyTheUnreadableFail) {
  const auto memory = LiveMemory::open(child_);
  ASSERT_TRUE(memory);
  std::vector<Range> ranges;
  for (int i = 0; i < 3000; ++i) ranges.push_back({at(i % 64), 8});  // more than one call takes
  ranges[7] = {at(2 * kPage), 8};
  ranges[1500] = {at(2 * kPage - 4), 8};  // begins well, ends badly
  ranges[2999] = {0, 8};
  std::vector<std::byte> into(ranges.size() * 8);
  std::vector<std::uint32_t> failed;
  ASSERT_TRUE((*memory)->read_ranges(ranges, into, failed));
  EXPECT_EQ(failed, (std::vector<std::uint32_t>{7, 1500, 2999}));
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (i == 7 || i == 1500 || i == 2999) {
      EXPECT_EQ(into[i * 8], std::byte{0});
    } else {
      EXPECT_EQ(std::memcmp(into.data() + i * 8, base_ + i % 64, 8), 0) << i;
    }
  }
}

TEST_F(SharedLayout, AProcessThatEndedIsGone) {
  const auto memory = LiveMemory::open(child_);
  ASSERT_TRUE(memory);
  EXPECT_FALSE((*memory)->ended());
  kill(child_, SIGKILL);
  siginfo_t ended{};
  waitid(P_PID, child_, &ended, WEXITED | WNOWAIT);  // still a zombie: the pid is not free
  std::array<std::byte, 8> bytes{};
  const auto got = (*memory)->read(at(0), bytes);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::gone);
  EXPECT_TRUE((*memory)->ended());
}

TEST(LiveMemoryTest, NoSuchProcess) {
  const auto memory = LiveMemory::open(0x3ffffffe);
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().code, ErrorCode::no_such_process);
}

}  // namespace
}  // namespace chanspect::target
