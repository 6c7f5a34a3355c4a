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

std::vector<pid_t> threads_of(pid_t pid) {
  return numbered_entries(fmt::format("/proc/{}/task", pid));
}

/// The first thread of a process can have ended while the others go on.
bool is_zombie(pid_t pid, pid_t tid) {
  std::ifstream status(fmt::format("/proc/{}/task/{}/status", pid, tid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("State:")) return line.find_first_of("ZX") != std::string::npos;
  return true;  // gone altogether
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
  StoppedThreads stopped;
  const auto deadline = Clock::now() + kPatience;
  // A thread that was not yet stopped can have started another: look again until none is new.
  for (bool found_new = true; found_new;) {
    CS_TRY(found_new, stopped.seize_new_threads(pid));
    CS_CHECK(stopped.wait_until_all_stopped(pid, deadline));
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

Result<void> StoppedThreads::wait_until_all_stopped(pid_t pid, Clock::time_point deadline) {
  for (;;) {
    bool waiting = false;
    std::erase_if(threads_, [&](Thread& thread) {
      bool exited = false;
      if (!thread.stopped && !collect_stop(thread, exited)) waiting = waiting || !exited;
      return exited;
    });
    if (!waiting) return {};
    if (Clock::now() > deadline)
      return fail(ErrorCode::unsupported, fmt::format("process {} cannot be stopped", pid),
                  "one of its threads hangs in the kernel and did not stop within a second",
                  "--stop none, the default, reads without stopping");
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
  for (Thread& thread : threads_) {
    if (!thread.stopped) {
      // PTRACE_DETACH needs a stopped tracee. Its stop is on the way; wait a little for it.
      const auto deadline = Clock::now() + kPatience;
      bool exited = false;
      while (!exited && !collect_stop(thread, exited) && Clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    const auto signal = static_cast<std::uintptr_t>(thread.signal);
    ptrace(PTRACE_DETACH, thread.tid, nullptr, signal);
  }
}

}  // namespace chanspect::target
