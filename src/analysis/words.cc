#include "analysis/words.h"

namespace chanspect::analysis {

using snapshot::Direction;
using snapshot::Status;
using snapshot::WaitKind;

std::string_view name_of(Status status) {
  switch (status) {
    case Status::idle:
      return "_Gidle";
    case Status::runnable:
      return "_Grunnable";
    case Status::running:
      return "_Grunning";
    case Status::syscall:
      return "_Gsyscall";
    case Status::waiting:
      return "_Gwaiting";
    case Status::dead:
      return "_Gdead";
    case Status::copystack:
      return "_Gcopystack";
    case Status::preempted:
      return "_Gpreempted";
    case Status::leaked:
      return "_Gleaked";
    case Status::deadextra:
      return "_Gdeadextra";
    case Status::unknown:
      break;
  }
  return "unknown";
}

std::string_view word_of(Status status) {
  if (status == Status::unknown) return "???";
  if (status == Status::deadextra) return "waiting for cgo callback";
  return name_of(status).substr(2);
}

std::string_view block_type(const snapshot::Snapshot& snapshot,
                            const snapshot::Goroutine& goroutine) {
  const std::string_view reason = snapshot.strings[goroutine.reason];
  const bool told_by_frames = reason.empty() || reason == "semacquire";
  switch (goroutine.kind) {
    case WaitKind::none:
      return word_of(goroutine.status);
    case WaitKind::select:
      if (goroutine.wait_count == 0) return "select (nil chan)";
      return reason.empty() ? "select" : reason;
    case WaitKind::mutex:
      return told_by_frames ? "sync.Mutex.Lock" : reason;
    case WaitKind::rwmutex_read:
      return told_by_frames ? "sync.RWMutex.RLock" : reason;
    case WaitKind::rwmutex_write:
      return told_by_frames ? "sync.RWMutex.Lock" : reason;
    case WaitKind::wait_group:
      return told_by_frames ? "sync.WaitGroup.Wait" : reason;
    case WaitKind::cond:
      return told_by_frames ? "sync.Cond.Wait" : reason;
    default:
      return reason.empty() ? word_of(goroutine.status) : reason;
  }
}

std::string_view name_of(Direction direction) {
  switch (direction) {
    case Direction::receive:
      return "receive";
    case Direction::send:
      return "send";
    case Direction::unknown:
      break;
  }
  return {};
}

}  // namespace chanspect::analysis
