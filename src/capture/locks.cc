#include "capture/locks.h"

#include <array>
#include <string_view>

#include "capture/conds.h"

namespace chanspect::capture {
namespace {

using snapshot::WaitKind;

/// Frames that tell what a "semacquire" is for, innermost first in any stack.
WaitKind kind_of_function(std::string_view function) {
  struct Known {
    std::string_view prefix;
    WaitKind kind;
  };
  static constexpr std::array<Known, 6> kKnown = {
      {{"sync.(*Mutex).", WaitKind::mutex},
       {"internal/sync.(*Mutex).", WaitKind::mutex},
       {"sync.(*RWMutex).RLock", WaitKind::rwmutex_read},
       {"sync.(*RWMutex).Lock", WaitKind::rwmutex_write},
       {"sync.(*WaitGroup).", WaitKind::wait_group},
       {"sync.(*Cond).", WaitKind::cond}}};
  for (const Known& known : kKnown)
    if (function.starts_with(known.prefix)) return known.kind;
  return WaitKind::semaphore;
}

WaitKind kind_of_stack(const snapshot::Snapshot& snapshot, snapshot::StackId id) {
  if (id == snapshot::kNone) return WaitKind::semaphore;
  const snapshot::Stack& stack = snapshot.stacks[id];
  for (std::uint32_t i = stack.first; i < stack.first + stack.count; ++i) {
    const auto& frame = snapshot.frames[snapshot.stack_frames[i].frame];
    const WaitKind kind = kind_of_function(snapshot.strings[frame.function]);
    if (kind != WaitKind::semaphore) return kind;
  }
  return WaitKind::semaphore;
}

/// How far behind its start a lock keeps the semaphore (or notifyList) that its waiters are on:
/// sync/mutex.go, sync/rwmutex.go, sync/waitgroup.go, sync/cond.go; the same from 1.18 to 1.27.
std::uint64_t offset_in_lock(WaitKind kind) {
  switch (kind) {
    case WaitKind::mutex:
      return 4;
    case WaitKind::rwmutex_read:
      return 12;
    case WaitKind::rwmutex_write:
    case WaitKind::wait_group:
      return 8;
    case WaitKind::cond:
      return kCondNotifyOffset;
    default:
      return 0;
  }
}

}  // namespace

Result<void> name_locks(const Runtime& runtime, snapshot::Snapshot& snapshot) {
  std::vector<WaitKind> kinds(snapshot.stacks.size(), WaitKind::none);
  bool nameless_conds = false;
  for (snapshot::Goroutine& row : snapshot.goroutines) {
    if (!row.settled) continue;
    if (row.kind == WaitKind::semaphore && row.stack != snapshot::kNone) {
      WaitKind& kind = kinds[row.stack];
      if (kind == WaitKind::none) kind = kind_of_stack(snapshot, row.stack);
      row.kind = kind;
    }
    nameless_conds = nameless_conds || (row.kind == WaitKind::cond && row.wait_count == 0);
    for (std::uint32_t i = row.first_wait; i < row.first_wait + row.wait_count; ++i) {
      snapshot::Wait& wait = snapshot.waits[i];
      if (wait.channel != snapshot::kNone || wait.elem == 0) continue;
      wait.object = wait.elem - offset_in_lock(row.kind);
    }
  }
  return nameless_conds ? find_conds(runtime, snapshot) : Result<void>{};
}

}  // namespace chanspect::capture
