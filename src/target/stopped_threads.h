#pragma once

#include <sys/types.h>

#include <chrono>
#include <utility>
#include <vector>

#include "base/result.h"
#include "target/registers.h"

namespace chanspect::target {

/// All threads of a process, stopped while this lives, let go when it dies.
///
/// PTRACE_SEIZE and PTRACE_INTERRUPT send no signal, and a tracer that is killed lets its tracees
/// go on (ptrace(2): PTRACE_O_EXITKILL is never set), so the target survives us at each instant. A
/// signal that was on its way to a thread when it stopped is handed on when it is let go.
/// The thread that makes it must be the thread that destroys it: ptrace belongs to threads.
class StoppedThreads {
 public:
  /// Stops every thread, also those that are born meanwhile. Errors: denied, gone, and unsupported
  /// when a thread cannot be brought to a stop within a second: it hangs in the kernel, or the
  /// machine is so busy that it gets no turn, which is tried three times. Then all are running.
  static Result<StoppedThreads> stop(pid_t pid);

  StoppedThreads(const StoppedThreads&) = delete;
  StoppedThreads& operator=(const StoppedThreads&) = delete;
  StoppedThreads(StoppedThreads&& other) noexcept
      : threads_(std::exchange(other.threads_, {})), registers_(std::move(other.registers_)) {}
  StoppedThreads& operator=(StoppedThreads&&) = delete;
  ~StoppedThreads();

  const std::vector<ThreadRegisters>& registers() const { return registers_; }
  std::size_t size() const { return threads_.size(); }

 private:
  struct Thread {
    pid_t tid = 0;
    bool stopped = false;
    int signal = 0;  ///< to hand on at release
  };

  StoppedThreads() = default;
  static Result<StoppedThreads> stop_once(pid_t pid, bool& was_too_busy);
  Result<bool> seize_new_threads(pid_t pid);
  Result<void> wait_until_all_stopped(pid_t pid, std::chrono::steady_clock::time_point deadline,
                                      bool& was_too_busy);
  bool collect_stop(Thread& thread, bool& exited);
  static void let_go(const Thread& thread);
  void read_registers(pid_t pid);

  std::vector<Thread> threads_;
  std::vector<ThreadRegisters> registers_;
};

}  // namespace chanspect::target
