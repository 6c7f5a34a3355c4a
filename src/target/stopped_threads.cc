#include "target/stopped_threads.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "target/permission.h"
#include "target/proc_file.h"

namespace chanspect::target {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(1);
constexpr auto kBreather = std::chrono::milliseconds(100);  // in which the target runs on
constexpr int kTries = 3;

std::vector<pid_t> threads_of(pid_t pid) {
  return numbered_entries(fmt::format("/proc/{}/task", pid));
}

/// proc(5), State: R, S, D, T, t, Z or X; X too for one that is gone altogether.
char state_of(pid_t pid, pid_t tid) {
  std::ifstream status(fmt::format("/proc/{}/task/{}/status", pid, tid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("State:")) {
      const std::size_t at = line.find_first_not_of(" \t", line.find(':') + 1);
      return at == std::string::npos ? 'X' : line[at];
    }
  return 'X';
}

/// The first thread of a process can have ended while the others go on.
bool is_zombie(pid_t pid, pid_t tid) {
  const char state = state_of(pid, tid);
  return state == 'Z' || state == 'X';
}

/// The thread's id in the innermost pid namespace that it is in (proc(5): NSpid); `tid` itself
/// where the kernel does not tell, or the thread has ended.
pid_t innermost_id(pid_t pid, pid_t tid) {
  std::ifstream status(fmt::format("/proc/{}/task/{}/status", pid, tid));
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("NSpid:")) continue;
    pid_t last = 0;
    std::istringstream numbers(line.substr(line.find(':') + 1));
    for (pid_t number = 0; numbers >> number;) last = number;
    return last;
  }
  return tid;
}

}  // namespace

Result<StoppedThreads> StoppedThreads::stop(pid_t pid) {
  for (int tries = 1;; ++tries) {
    bool was_too_busy = false;
    auto stopped = stop_once(pid, was_too_busy);
    if (stopped || !was_too_busy || tries == kTries) return stopped;
    std::this_thread::sleep_for(kBreather);
  }
}

Result<StoppedThreads> StoppedThreads::stop_once(pid_t pid, bool& was_too_busy) {
  StoppedThreads stopped;
  const auto deadline = Clock::now() + kPatience;
  // A thread that was not yet stopped can have started another: look again until none is new.
  for (bool found_new = true; found_new;) {
    CS_TRY(found_new, stopped.seize_new_threads(pid));
    CS_CHECK(stopped.wait_until_all_stopped(pid, deadline, was_too_busy));
  }
  if (stopped.threads_.empty())
    return fail(ErrorCode::gone, fmt::format("process {} ended before it was stopped", pid));
  stopped.read_registers(pid);
  return stopped;
}

Result<bool> StoppedThreads::seize_new_threads(pid_t pid) {
  bool found_new = false;
  for (const pid_t tid : threads_of(pid)) {
    if (std::ranges::any_of(threads_, [&](const Thread& t) { return t.tid == tid; })) continue;
    if (ptrace(PTRACE_SEIZE, tid, nullptr, nullptr) != 0) {
      if (errno == ESRCH) continue;  // ended meanwhile
      const int error = errno;
      if (error == EPERM && is_zombie(pid, tid)) continue;  // it cannot run, so it need not stop
      return std::unexpected(explain_denied(pid, error, Access::stop));
    }
    threads_.push_back({tid, false, 0});
    found_new = true;
    ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr);
  }
  return found_new;
}

Result<void> StoppedThreads::wait_until_all_stopped(pid_t pid, Clock::time_point deadline,
                                                    bool& was_too_busy) {
  for (;;) {
    bool waiting = false;
    std::erase_if(threads_, [&](Thread& thread) {
      bool exited = false;
      if (!thread.stopped && !collect_stop(thread, exited)) waiting = waiting || !exited;
      return exited;
    });
    if (!waiting) return {};
    if (Clock::now() > deadline) {
      was_too_busy = std::ranges::none_of(
          threads_, [&](const Thread& t) { return !t.stopped && state_of(pid, t.tid) == 'D'; });
      return fail(ErrorCode::unsupported, fmt::format("process {} cannot be stopped", pid),
                  was_too_busy
                      ? "the machine is so busy that one of its threads had no turn for a second"
                      : "one of its threads hangs in the kernel and did not stop within a second",
                  "--stop none, the default, reads without stopping");
    }
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

/// True when the thread has come to its stop.
bool StoppedThreads::collect_stop(Thread& thread, bool& exited) {
  int status = 0;
  const pid_t got = waitpid(thread.tid, &status, __WALL | WNOHANG);
  if (got == 0) return false;
  if (got < 0 || WIFEXITED(status) || WIFSIGNALED(status)) {
    exited = true;
    return false;
  }
  if (!WIFSTOPPED(status)) return false;
  thread.stopped = true;
  const bool is_event = (status >> 16) != 0;
  thread.signal = is_event ? 0 : WSTOPSIG(status);
  return true;
}

void StoppedThreads::read_registers(pid_t pid) {
  // Asking for each thread takes time in which the target stands still.
  const bool in_namespace = innermost_id(pid, pid) != pid;
  for (const Thread& thread : threads_) {
    const pid_t own_tid = in_namespace ? innermost_id(pid, thread.tid) : thread.tid;
#if defined(__x86_64__)
    user_regs_struct registers{};
    iovec vector{&registers, sizeof(registers)};
    if (ptrace(PTRACE_GETREGSET, thread.tid, NT_PRSTATUS, &vector) == 0)
      registers_.push_back(
          {thread.tid, own_tid, registers.rip, registers.rsp, registers.rbp, 0, registers.fs_base});
#elif defined(__aarch64__)
    user_regs_struct registers{};
    iovec vector{&registers, sizeof(registers)};
    if (ptrace(PTRACE_GETREGSET, thread.tid, NT_PRSTATUS, &vector) == 0)
      registers_.push_back({thread.tid, own_tid, registers.pc, registers.sp, registers.regs[29],
                            registers.regs[30], 0});
#endif
  }
}

StoppedThreads::~StoppedThreads() {
  for (const Thread& thread : threads_)
    if (thread.stopped) let_go(thread);
  // PTRACE_DETACH needs a stopped tracee. The stops of the others are on the way; wait a little for
  // them. A thread that hangs all the while is let go when we end.
  const auto deadline = Clock::now() + kPatience;
  for (Thread& thread : threads_) {
    if (thread.stopped) continue;
    bool exited = false;
    while (!exited && !collect_stop(thread, exited) && Clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    if (thread.stopped) let_go(thread);
  }
}

void StoppedThreads::let_go(const Thread& thread) {
  ptrace(PTRACE_DETACH, thread.tid, nullptr, static_cast<std::uintptr_t>(thread.signal));
}

}  // namespace chanspect::target
