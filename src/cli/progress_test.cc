#include "cli/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

namespace chanspect::cli {
namespace {

using std::chrono::milliseconds;

/// What a child prints on a terminal of its own as standard error.
std::string on_a_terminal(void (*work)()) {
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) {
    work();
    _exit(0);
  }
  std::string text;
  std::array<char, 256> chunk{};
  for (ssize_t got = 0; (got = read(terminal, chunk.data(), chunk.size())) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(got));
  close(terminal);
  waitpid(pid, nullptr, 0);
  return text;
}

TEST(Progress, Line) {
  EXPECT_EQ(progress_line("reading goroutines", 42, 100), "reading goroutines  42 %");
  EXPECT_EQ(progress_line("reading goroutines", 7, 3), "reading goroutines  100 %");
  EXPECT_EQ(progress_line("reading goroutines", 7, 0), "reading goroutines  7");
  EXPECT_EQ(progress_line("waiting", 0, 0), "waiting …");
}

TEST(Progress, QuickWorkShowsNothing) {
  EXPECT_EQ(on_a_terminal([] {
              Progress progress(true);
              progress.callback()("reading", 1, 2);
              progress.callback()("reading", 2, 2);
            }),
            "");
}

TEST(Progress, LongWorkShowsOnceInAWhileAndIsErased) {
  EXPECT_EQ(on_a_terminal([] {
              Progress progress(true);
              std::this_thread::sleep_for(milliseconds(310));
              for (int i = 0; i < 1000; ++i) progress.callback()("reading", 1, 2);
              progress.erase();
              progress.erase();
            }),
            "\r\033[Kreading  50 %\r\033[K");
}

TEST(Progress, AnInterruptErasesIt) {
  EXPECT_EQ(on_a_terminal([] {
              std::signal(SIGINT, SIG_DFL);  // who runs tests in the background ignores it
              Progress progress(true);
              std::this_thread::sleep_for(milliseconds(310));
              progress.callback()("reading", 1, 2);
              raise(SIGINT);
            }),
            "\r\033[Kreading  50 %\r\033[K");
}

TEST(Progress, WhereNobodyLooksThereIsNoCallback) {
  EXPECT_FALSE(Progress(false).callback());
  const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const int before = dup(STDERR_FILENO);
  ASSERT_TRUE(null >= 0 && before >= 0);
  dup2(null, STDERR_FILENO);
  EXPECT_FALSE(Progress(true).callback()) << "no terminal";
  dup2(before, STDERR_FILENO);
  close(before);
  close(null);
}

}  // namespace
}  // namespace chanspect::cli
