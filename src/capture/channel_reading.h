#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "go/layout.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace chanspect::capture {

/// One reading of an hchan (runtime/chan.go).
struct ChannelReading {
  std::uint64_t qcount = 0, dataqsiz = 0, sendx = 0, recvx = 0, lock_key = 0;
  Address buf = 0, elemtype = 0, timer = 0;
  Address recvq_first = 0, recvq_last = 0, sendq_first = 0, sendq_last = 0;
  std::uint32_t elemsize = 0;
  std::uint32_t hash = 0;  ///< see hash_of_channel
  bool closed = false;
  bool readable = false;

  /// Somebody is in the middle of changing it. lock_futex.go: 1 locked, 2 locked with sleepers;
  /// lock_spinbit.go (from 1.24): bit 0.
  bool locked() const { return (lock_key & 1) != 0 || lock_key == 2; }
};

ChannelReading parse_channel(Bytes hchan, const go::HchanLayout& layout);

/// Between two readings nothing happened to the channel but that further goroutines queued up
/// behind the others: enqueue appends, and only the queues' last changes (of a queue that was not
/// empty before).
bool same_but_for_arrivals(const ChannelReading& before, const ChannelReading& after);

/// Copies the fields that a snapshot keeps.
void fill_channel(snapshot::Channel& channel, const ChannelReading& reading);

}  // namespace chanspect::capture
