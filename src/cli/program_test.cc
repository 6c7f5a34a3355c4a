#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/go_program.h"

/// The program as a user runs it, on a real Go program.
namespace chanspect::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Ended {
  int code = -1;  ///< 128 + the signal where it died of one
  std::string out;
  std::string err;
};

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder of our own for each test.
class Program : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("chanspect-program-test-" + std::to_string(getpid()));
    fs::create_directory(folder_);
    fs::create_directory(folder_ / "reports");
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// Runs a shell's command line in which $C is chanspect.
  Ended run(const std::string& line) const {
    const std::string script =
        std::string("C=") + CHANSPECT_PROGRAM + "; cd " + folder_.string() + "/reports; " + line;
    const pid_t pid = fork();
    if (pid == 0) {
      if (std::freopen((folder_ / "out").c_str(), "w", stdout) == nullptr ||
          std::freopen((folder_ / "err").c_str(), "w", stderr) == nullptr)
        _exit(126);
      execl("/bin/bash", "bash", "-c", script.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
            contents(folder_ / "out"), contents(folder_ / "err")};
  }

  std::size_t reports() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_ / "reports"), fs::directory_iterator()));
  }

  fs::path folder_;
};

/// tests/programs/hello, which says "ready pid N chan 0x…" once its goroutine waits.
class OnHello : public Program {
 protected:
  OnHello() : hello_({testing::go_program("hello", "1.26.8")}) {
    const std::string line = hello_.line();
    channel_ = line.substr(line.rfind(' ') + 1);
    pid_ = std::to_string(hello_.pid());
  }

  testing::GoProcess hello_;
  std::string channel_;
  std::string pid_;
};

TEST_F(Program, AloneItPrintsTheCommandsAndFails) {
  const Ended ended = run("$C");
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.out, "");
  for (const char* command : {"ps", "channels", "channel", "nth", "blocked", "goroutines", "stack"})
    EXPECT_THAT(ended.err, HasSubstr(std::string("\n  ") + command + " "));
}

TEST_F(Program, HelpIsOnStandardOutput) {
  EXPECT_EQ(run("$C --help").code, 0);
  EXPECT_THAT(run("$C --help").out, HasSubstr("EXIT CODES"));
  EXPECT_THAT(run("$C nth --help").out, StartsWith("usage: chanspect nth TARGET [N]"));
  EXPECT_EQ(run("$C help nth").out, run("$C nth --help").out);
}

TEST_F(Program, VersionTellsTheBuildIdThatTheFileHas) {
  const Ended ended = run("$C --version");
  EXPECT_THAT(ended.out, StartsWith("chanspect "));
  const std::size_t at = ended.out.find("build id ") + 9;
  const std::string build_id = ended.out.substr(at, ended.out.find(')') - at);
  EXPECT_EQ(build_id.size(), 40U);
  EXPECT_THAT(run("readelf -n $C").out, HasSubstr("Build ID: " + build_id));
}

TEST_F(OnHello, EveryCommandFindsTheChannel) {
  const std::vector<std::string> lines = {"$C " + pid_,
                                          "$C channels " + pid_,
                                          "$C channel " + pid_ + " " + channel_,
                                          "$C channel " + pid_ + " " + channel_.substr(2),
                                          "$C nth " + pid_ + " 1",
                                          "$C blocked " + pid_,
                                          "$C stack " + pid_ + " --channels",
                                          "$C goroutines --group-by channel " + pid_,
                                          "$C -q channels --format tsv --stop freeze " + pid_};
  for (const std::string& line : lines) {
    const Ended ended = run(line);
    EXPECT_EQ(ended.code, 0) << line << ended.err;
    EXPECT_EQ(ended.err, "") << line;
    EXPECT_THAT(ended.out, HasSubstr(channel_)) << line;
  }
}

TEST_F(OnHello, JsonIsJsonForEveryCommand) {
  const std::vector<std::string> commands = {pid_,
                                             "ps",
                                             "channels " + pid_,
                                             "channel " + pid_ + " " + channel_,
                                             "nth " + pid_ + " 1",
                                             "blocked " + pid_,
                                             "goroutines " + pid_,
                                             "goroutines " + pid_ + " --group-by site,reason",
                                             "stack " + pid_ + " --all"};
  for (const std::string& command : commands) {
    const Ended ended = run("$C --format json " + command);
    EXPECT_EQ(ended.code, 0) << command << ended.err;
    EXPECT_TRUE(nlohmann::json::accept(ended.out)) << command << "\n" << ended.out;
  }
}

TEST_F(OnHello, PsListsIt) {
  EXPECT_THAT(run("$C ps").out, ::testing::ContainsRegex(pid_ + " +hello-go1.26.8 +go1.26.8 "));
}

TEST_F(OnHello, WhatThereIsNot) {
  EXPECT_EQ(run("$C channel " + pid_ + " 0xc0ffee0000").code, 2);
  EXPECT_EQ(run("$C nth " + pid_ + " 7").code, 2);
  EXPECT_EQ(run("$C stack " + pid_ + " 123456789").code, 2);
  EXPECT_EQ(run("$C nth " + pid_ + " 0").code, 2);
  EXPECT_EQ(run("$C blocked " + pid_ + " --older-than soon").code, 2);
  EXPECT_EQ(run("$C channels").code, 2);
}

TEST_F(Program, WhatCannotBeRead) {
  const Ended no_process = run("$C 1999999999");
  EXPECT_EQ(no_process.code, 3);
  EXPECT_EQ(no_process.out, "");
  EXPECT_THAT(no_process.err, StartsWith("chanspect: no process 1999999999"));
  EXPECT_THAT(no_process.err, HasSubstr("\n  try: chanspect ps"));
  const Ended not_go = run("$C $$");
  EXPECT_EQ(not_go.code, 3);
  EXPECT_THAT(not_go.err, HasSubstr("no Go program"));
  EXPECT_EQ(run("$C no-such-name-at-all").code, 3);
  const Ended slip = run("$C chanels 4242");
  EXPECT_EQ(slip.code, 2);
  EXPECT_THAT(slip.err, HasSubstr("did you mean channels?"));
}

TEST_F(Program, AnotherUserIsToldTheRuleAndTheWay) {
  const testing::GoProcess hello({testing::go_program("hello", "1.26.8")});
  fs::permissions(folder_, fs::perms::all);
  const std::string copy = folder_ / "chanspect";  // where an ordinary user may run it
  fs::copy_file(CHANSPECT_PROGRAM, copy);
  // Root steps down to look at its own process; others look at root's first.
  const bool root = geteuid() == 0;
  const std::string pid = root ? std::to_string(hello.pid()) : "1";
  const Ended ended = run((root ? "setpriv --reuid 65534 --regid 65534 --clear-groups " : "") +
                          copy + " channels " + pid + " --limit 3");
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.err, StartsWith("chanspect: cannot read process " + pid +
                                    ": it runs as uid 0 (root) and we as uid "));
  EXPECT_THAT(ended.err, HasSubstr(copy + " channels " + pid + " --limit 3"));
  EXPECT_THAT(ended.err, HasSubstr("setcap cap_sys_ptrace+ep " + copy));
}

TEST_F(OnHello, OutputAppearsWholeOrNotAtAll) {
  Ended ended = run("$C nth " + pid_ + " 9 -o report");
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(reports(), 0U);
  ended = run("$C channels " + pid_ + " --format json --output report");
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.out, "");
  EXPECT_TRUE(nlohmann::json::accept(contents(folder_ / "reports" / "report")));
  EXPECT_EQ(reports(), 1U);
  EXPECT_EQ(run("$C " + pid_ + " -o no/such/folder/report").code, 1);
  EXPECT_EQ(run("$C " + pid_ + " > /dev/full").code, 1);
  EXPECT_EQ(run("$C " + pid_ + " >&-").code, 1);
}

TEST_F(OnHello, AnInterruptLeavesNothingAndIsDiedOf) {
  const std::string report = folder_ / "reports" / "report";
  for (const int signal : {SIGINT, SIGTERM}) {
    const pid_t pid = fork();
    if (pid == 0) {
      execl(CHANSPECT_PROGRAM, "chanspect", pid_.c_str(), "--watch", "60s", "-o", report.c_str(),
            nullptr);
      _exit(127);
    }
    usleep(300'000);  // it has looked once, and waits for the second look
    kill(pid, signal);
    int status = 0;
    waitpid(pid, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << status;
    EXPECT_EQ(reports(), 0U);
  }
}

TEST_F(OnHello, AReaderWhoHasSeenEnoughIsNoError) {
  const Ended ended =
      run("set -o pipefail; $C stack " + pid_ + " --all | true; echo ${PIPESTATUS[0]}");
  EXPECT_EQ(ended.out, "0\n");
  EXPECT_EQ(ended.err, "");
}

/// What chanspect prints when standard output is a terminal.
std::string on_a_terminal(const std::vector<std::string>& words) {
  int terminal = -1;
  const winsize size{24, 80, 0, 0};
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, &size);
  if (pid == 0) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    execvp("env", pointers.data());
    _exit(127);
  }
  std::string text;
  std::array<char, 4096> chunk{};
  for (ssize_t got = 0; (got = read(terminal, chunk.data(), chunk.size())) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(got));
  close(terminal);
  waitpid(pid, nullptr, 0);
  return text;
}

TEST_F(OnHello, ColorIsForTerminalsThatWantIt) {
  constexpr const char* kColor = "\033[";
  const std::string program = CHANSPECT_PROGRAM;
  EXPECT_THAT(on_a_terminal({"env", "TERM=xterm", program, pid_}), HasSubstr(kColor));
  EXPECT_THAT(on_a_terminal({"env", "TERM=dumb", program, pid_}), Not(HasSubstr(kColor)));
  EXPECT_THAT(on_a_terminal({"env", "TERM=xterm", "NO_COLOR=1", program, pid_}),
              Not(HasSubstr(kColor)));
  EXPECT_THAT(run("$C " + pid_).out, Not(HasSubstr(kColor)));
  EXPECT_THAT(run("NO_COLOR=1 $C --color always " + pid_).out, HasSubstr(kColor));
}

TEST_F(Program, BashCompletesCommandsOptionsAndValues) {
  const auto completed = [&](const std::string& words, int at) {
    return run("PATH=$(dirname $C):$PATH; source <($C completions bash); COMP_WORDS=(" + words +
               "); COMP_CWORD=" + std::to_string(at) +
               "; _chanspect; printf '%s\\n' \"${COMPREPLY[@]}\"")
        .out;
  };
  EXPECT_EQ(completed("chanspect goro", 1), "goroutines\n");
  EXPECT_EQ(completed("chanspect channels --s", 2), "--sort\n--stop\n");
  EXPECT_EQ(completed("chanspect channels 4242 --sort a", 4), "age\naddr\n");
  EXPECT_EQ(completed("chanspect --format = j", 3), "json\n");
  EXPECT_EQ(completed("chanspect --limit 5 nth --o", 4), "--order\n--output\n");
  EXPECT_EQ(completed("chanspect completions ''", 2), "bash\nzsh\nfish\n");
}

}  // namespace
}  // namespace chanspect::cli
