#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "go/layout.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace chanspect::capture {

/// What one reading of a g says (runtime/runtime2.go: type g).
struct GFacts {
  Address address = 0;
  std::uint64_t goid = 0, parent_goid = 0;
  Address stack_lo = 0, stack_hi = 0;
  Address sched_sp = 0, sched_pc = 0, sched_lr = 0;
  Address syscall_sp = 0, syscall_pc = 0;
  Address waiting = 0;  ///< the first sudog
  Address m = 0, lockedm = 0;
  Address gopc = 0, startpc = 0, labels = 0, bubble = 0;
  std::int64_t waitsince = 0;
  std::uint32_t select_done = 0;
  snapshot::Status status = snapshot::Status::unknown;
  bool scanning = false;
  bool parking_on_chan = false;
  std::uint8_t wait_reason = 0;
  std::uint8_t tracking_seq = 0;

  bool parked() const {
    return status == snapshot::Status::waiting || status == snapshot::Status::leaked;
  }
  bool in_syscall() const { return status == snapshot::Status::syscall && syscall_sp != 0; }
  /// There is a goroutine behind this g (they are kept for reuse when a goroutine ends).
  bool alive() const {
    return status != snapshot::Status::dead && status != snapshot::Status::idle &&
           status != snapshot::Status::deadextra;
  }
  /// Its saved registers describe its stack: it is not on a processor.
  bool holds_still() const {
    return parked() || in_syscall() || status == snapshot::Status::runnable ||
           status == snapshot::Status::preempted;
  }
};

GFacts parse_g(Address address, Bytes bytes, const go::GLayout& layout);

/// Two readings of a g show one and the same stop of it: it did not run in between.
///
/// casgstatus (runtime/proc.go) counts g.trackingSeq up at each transition out of _Grunning, in
/// every release since 1.17, so a goroutine that ran and parked again differs even where it parked
/// at the same place with the same sudog. The count is a byte: readings must be closer than 256
/// parks. The scan bit and waitsince are the collector's and may change while the goroutine stays.
bool same_stop(const GFacts& before, const GFacts& after);

/// Bytes from the front of a g that hold all fields of GFacts.
std::uint32_t facts_size(const go::GLayout& layout);

}  // namespace chanspect::capture
