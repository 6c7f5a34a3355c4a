#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include "target/permission.h"

/// The real kernel's refusals: processes that give up rights, and what is made of the refusal.
namespace chanspect::target {
namespace {

using ::testing::HasSubstr;

constexpr uid_t kNobody = 65534;

/// In a forked child: nothing may come back up into the test program.
[[noreturn]] void run_to_the_end(const std::function<void()>& work) noexcept {
  work();
  _exit(0);
}

/// A child that has done `prepare` and then sleeps; killed and reaped at the end.
class Child {
 public:
  explicit Child(const std::function<void()>& prepare) {
    std::array<int, 2> ready{};
    if (pipe(ready.data()) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      run_to_the_end([&] {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prepare();
        if (::write(ready[1], "", 1) == 1)
          for (;;) pause();
      });
    }
    char byte = 0;
    const bool prepared = ::read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    close(ready[1]);
    if (!prepared) throw std::runtime_error("the child did not come up");
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

/// Gives up root's rights, where we have them.
void become_ordinary() {
  if (geteuid() != 0) return;
  if (setgroups(0, nullptr) != 0 || setresgid(kNobody, kNobody, kNobody) != 0 ||
      setresuid(kNobody, kNobody, kNobody) != 0)
    _exit(2);
  prctl(PR_SET_DUMPABLE, 1);  // changing the uid took it away
}

void hold_only(int capability) {
  prctl(PR_SET_KEEPCAPS, 1);
  become_ordinary();
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  sets[0].permitted = sets[0].effective = 1U << static_cast<unsigned>(capability);
  if (syscall(SYS_capset, &header, sets.data()) != 0) _exit(3);
  prctl(PR_SET_DUMPABLE, 1);
}

int errno_of_reading(pid_t pid) {
  int from = 0;
  int into = 0;
  const iovec local{&into, sizeof(into)};
  const iovec remote{&from, sizeof(from)};
  return process_vm_readv(pid, &local, 1, &remote, 1, 0) < 0 ? errno : 0;
}

/// What a child with the rights that `prepare` leaves makes of reading (or stopping) `target`:
/// "allowed", or the error's message and hint.
std::string verdict(const std::function<void()>& prepare, pid_t target,
                    Access access = Access::read) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("pipe");
  const pid_t pid = fork();
  if (pid == 0)
    run_to_the_end([&] {
      prepare();
      int error = errno_of_reading(target);
      if (access == Access::stop)
        error = ptrace(PTRACE_SEIZE, target, nullptr, nullptr) == 0 ? 0 : errno;
      std::string text = "allowed";
      if (error != 0) {
        const Error why = explain_denied(target, error, access);
        text = why.message() + "\n" + why.hint;
      }
      if (::write(ends[1], text.data(), text.size()) < 0) _exit(1);
    });
  close(ends[1]);
  std::string text;
  std::array<char, 4096> chunk{};
  for (ssize_t got = 0; (got = ::read(ends[0], chunk.data(), chunk.size())) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(got));
  close(ends[0]);
  waitpid(pid, nullptr, 0);
  return text;
}

/// Some refusals take root to bring about: another user, a target with capabilities.
class RealRefusalsOfRoot : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can bring this refusal about";
  }
};

TEST_F(RealRefusalsOfRoot, AnOrdinaryUserAndRootsProcess) {
  const Child target([] {});
  EXPECT_THAT(verdict(become_ordinary, target.pid()),
              HasSubstr("it runs as uid 0 (root) and we as uid 65534 (nobody) without "
                        "CAP_SYS_PTRACE"));
}

TEST(RealRefusals, TheSameUserIsAllowed) {
  const Child target(become_ordinary);
  EXPECT_EQ(verdict(become_ordinary, target.pid()), "allowed");
}

TEST(RealRefusals, NotDumpable) {
  const Child target([] {
    become_ordinary();
    prctl(PR_SET_DUMPABLE, 0);
  });
  EXPECT_THAT(verdict(become_ordinary, target.pid()), HasSubstr("it is not dumpable"));
  if (geteuid() == 0) {
    EXPECT_EQ(verdict([] {}, target.pid()), "allowed") << "root has CAP_SYS_PTRACE";
  }
}

TEST_F(RealRefusalsOfRoot, MoreCapabilities) {
  const Child target([] { hold_only(CAP_NET_BIND_SERVICE); });
  EXPECT_THAT(verdict(become_ordinary, target.pid()),
              HasSubstr("it holds capabilities that we lack (0x400)"));
  EXPECT_EQ(verdict([] { hold_only(CAP_NET_BIND_SERVICE); }, target.pid()), "allowed");
}

TEST_F(RealRefusalsOfRoot, CapabilitiesOfAnotherUserNamespace) {
  const Child target([] {});
  const auto enter_namespace = [] {
    if (unshare(CLONE_NEWUSER) != 0) _exit(4);
  };
  EXPECT_THAT(verdict(enter_namespace, target.pid()), HasSubstr("another user namespace"));
}

TEST(RealRefusals, SystemCallFilter) {
  const Child target([] {});
  const auto filter_the_call = [] {
    std::array<sock_filter, 4> program{{
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_process_vm_readv},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    }};
    sock_fprog all{program.size(), program.data()};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);  // without root, a filter takes this
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) != 0) _exit(5);
  };
  EXPECT_THAT(verdict(filter_the_call, target.pid()), HasSubstr("a seccomp filter on us"));
}

TEST(RealRefusals, AnotherTracerIsThereBeforeUs) {
  const Child target([] {});
  ASSERT_EQ(ptrace(PTRACE_SEIZE, target.pid(), nullptr, nullptr), 0);
  EXPECT_THAT(verdict([] {}, target.pid(), Access::stop),
              HasSubstr("traces it already\nleave out --stop freeze"));
}

TEST(RealRefusals, NumbersThatAreNoProcess) {
  pid_t gone = 0;
  {
    const Child target([] {});
    gone = target.pid();
  }
  const Error error = explain_denied(gone, ESRCH);
  EXPECT_EQ(error.code, ErrorCode::no_such_process);
  EXPECT_EQ(error.what, "no process " + std::to_string(gone));

  pid_t tid = 0;
  std::string why;
  std::thread([&] {
    tid = gettid();
    why = explain_denied(tid, EINVAL).why;
  }).join();
  EXPECT_EQ(why, std::to_string(tid) + " is a thread of process " + std::to_string(getpid()));
}

TEST(AccessFacts, NamesOurOwnProgramAndWords) {
  const AccessFacts facts = access_facts(getpid(), 0);
  EXPECT_THAT(facts.program, HasSubstr("target_test"));
  EXPECT_TRUE(facts.command.starts_with(facts.program)) << facts.command;
  EXPECT_TRUE(facts.weak_access);
  EXPECT_TRUE(facts.descendant);
  EXPECT_TRUE(facts.same_user_namespace);
  EXPECT_FALSE(facts.calls_filtered);
}

}  // namespace
}  // namespace chanspect::target
