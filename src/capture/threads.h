#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "capture/runtime.h"
#include "target/memory.h"

namespace chanspect::capture {

/// One of the runtime's threads (runtime2.go: type m).
struct ThreadOfM {
  Address m = 0;
  Address g0 = 0;                    ///< m.g0, whose stack is the system stack
  Address gsignal = 0;               ///< m.gsignal, whose stack is that of signal handlers
  Address current_g = 0;             ///< m.curg
  Address vdso_pc = 0, vdso_sp = 0;  ///< where it called the vDSO; sp is 0 when it is not there
  std::uint32_t tid = 0;             ///< m.procid
};

/// The runtime's threads, by address of their m.
class ThreadList {
 public:
  ThreadList() = default;
  explicit ThreadList(std::vector<ThreadOfM> threads);

  /// 0 when the m is not in the list.
  std::uint32_t tid_of(Address m) const;
  const ThreadOfM* by_tid(std::uint32_t tid) const;

 private:
  std::vector<ThreadOfM> threads_;
};

/// Walks allm. Threads are born and die while it is read: a list that breaks off is as good as far
/// as it went, so only the target as a whole can fail.
Result<ThreadList> read_threads(const Runtime& runtime);

}  // namespace chanspect::capture
