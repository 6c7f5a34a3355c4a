#include "analysis/census.h"

namespace chanspect::analysis {

using snapshot::Goroutine;
using snapshot::Status;
using snapshot::WaitKind;

std::string_view name_of(Activity activity) {
  static constexpr std::array<std::string_view, kActivities> names = {
      "channel", "mutex",   "wait group", "cond",     "semaphore", "IO",   "sleep",
      "syscall", "running", "runnable",   "for ever", "moving",    "other"};
  return names[static_cast<std::size_t>(activity)];
}

bool waits_forever(const Goroutine& goroutine) {
  if (!goroutine.settled) return false;
  switch (goroutine.kind) {
    case WaitKind::chan_receive_nil:
    case WaitKind::chan_send_nil:
    case WaitKind::select_no_cases:
      return true;
    case WaitKind::select:
      return goroutine.wait_count == 0;  // every case's channel is nil
    default:
      return false;
  }
}

bool is_blocked(const Goroutine& goroutine) {
  if (!goroutine.settled) return false;
  switch (goroutine.kind) {
    case WaitKind::chan_receive:
    case WaitKind::chan_send:
    case WaitKind::chan_receive_nil:
    case WaitKind::chan_send_nil:
    case WaitKind::select:
    case WaitKind::select_no_cases:
    case WaitKind::mutex:
    case WaitKind::rwmutex_read:
    case WaitKind::rwmutex_write:
    case WaitKind::wait_group:
    case WaitKind::cond:
    case WaitKind::semaphore:
      return true;
    default:
      return false;
  }
}

Activity activity_of(const Goroutine& goroutine) {
  if (!goroutine.settled) return Activity::moving;
  if (waits_forever(goroutine)) return Activity::forever;
  switch (goroutine.status) {
    case Status::running:
      return Activity::running;
    case Status::runnable:
    case Status::preempted:
    case Status::copystack:
      return Activity::runnable;
    case Status::syscall:
      return Activity::syscall;
    default:
      break;
  }
  switch (goroutine.kind) {
    case WaitKind::chan_receive:
    case WaitKind::chan_send:
    case WaitKind::select:
      return Activity::channel;
    case WaitKind::mutex:
    case WaitKind::rwmutex_read:
    case WaitKind::rwmutex_write:
      return Activity::mutex;
    case WaitKind::wait_group:
      return Activity::wait_group;
    case WaitKind::cond:
      return Activity::cond;
    case WaitKind::semaphore:
      return Activity::semaphore;
    case WaitKind::io:
      return Activity::io;
    case WaitKind::sleep:
      return Activity::sleep;
    case WaitKind::syscall:
      return Activity::syscall;
    default:
      return Activity::other;
  }
}

Census take_census(const snapshot::Snapshot& snapshot) {
  Census census;
  for (const Goroutine& goroutine : snapshot.goroutines) {
    census.any_wait_known |= goroutine.wait_ns != snapshot::kUnknown;
    if (goroutine.system) {
      ++census.system;
      continue;
    }
    ++census.goroutines;
    ++census.user[static_cast<std::size_t>(activity_of(goroutine))];
  }
  return census;
}

}  // namespace chanspect::analysis
