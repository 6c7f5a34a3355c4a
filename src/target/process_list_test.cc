#include "target/process_list.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>

#include "support/go_program.h"

namespace chanspect::target {
namespace {

std::optional<ListedProcess> listed(pid_t pid) {
  const auto all = list_processes();
  const auto found = std::ranges::find(all, pid, &ListedProcess::pid);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

TEST(ProcessList, FindsOurselvesOnceAndInOrder) {
  const auto all = list_processes();
  EXPECT_EQ(std::ranges::count(all, getpid(), &ListedProcess::pid), 1);
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &ListedProcess::pid));
  const auto self = listed(getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(self->name(), "target_test");
  EXPECT_EQ(self->executable, std::filesystem::read_symlink("/proc/self/exe"));
  ASSERT_TRUE(self->file);
  EXPECT_EQ(self->file->size, std::filesystem::file_size("/proc/self/exe"));
}

TEST(ProcessList, LeavesKernelThreadsAndZombiesOut) {
  const auto all = list_processes();
  EXPECT_TRUE(
      std::ranges::none_of(all, [](const auto& process) { return process.name() == "kthreadd"; }));

  const pid_t zombie = fork();
  if (zombie == 0) _exit(0);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, zombie, &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(listed(zombie));
  waitpid(zombie, nullptr, 0);
}

TEST(ProcessList, SameFileForTwoProcessesAndForADeletedOne) {
  const auto copy =
      std::filesystem::temp_directory_path() / ("process-list-test-" + std::to_string(getpid()));
  std::filesystem::copy_file("/bin/sleep", copy, std::filesystem::copy_options::overwrite_existing);
  const testing::GoProcess first({copy, "60"});
  const testing::GoProcess second({copy, "60"});
  const auto wait_until_it_runs = [&](pid_t pid) {
    while (listed(pid) && listed(pid)->executable != copy) usleep(1000);
  };
  wait_until_it_runs(first.pid());
  wait_until_it_runs(second.pid());
  std::filesystem::remove(copy);
  const auto one = listed(first.pid());
  const auto other = listed(second.pid());
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->executable, copy) << "without the kernel's ' (deleted)'";
  EXPECT_EQ(one->argument0, copy);
  ASSERT_TRUE(one->file && other->file);
  EXPECT_EQ(*one->file, *other->file);
  EXPECT_NE(*one->file, *listed(getpid())->file);
}

TEST(ProcessList, NameFallsBackToTheFirstWord) {
  ListedProcess process;
  process.argument0 = "/srv/bin/payments";
  EXPECT_EQ(process.name(), "payments");
  process.executable = "/srv/releases/7/payments-server";
  EXPECT_EQ(process.name(), "payments-server");
}

}  // namespace
}  // namespace chanspect::target
