#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "capture/g_facts.h"
#include "go/layout.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// One sudog on a goroutine's list, as read between the two readings of its g.
struct SeenWait {
  Address sudog = 0, channel = 0, elem = 0;
  Address next = 0, prev = 0;
  std::uint32_t channel_hash = 0;  ///< of the hchan's bytes at that moment
  bool is_select = false;
  bool in_queue = false;  ///< the channel's queue and the sudog agree that it waits there
  snapshot::Direction direction = snapshot::Direction::unknown;
};

/// Compares a sudog with its channel, both read while the goroutine stood still: sets `in_queue`,
/// `direction` as far as the queue's ends tell it, and `channel_hash`.
///
/// A sudog with a predecessor is in the queue: dequeue and dequeueSudoG (runtime/chan.go) clear
/// prev before anything else can be seen of the removal. One without must be the queue's first; the
/// last one must have no successor.
void place_in_queue(SeenWait& wait, Bytes hchan, const go::HchanLayout& layout);

/// Parked, but on its way in or out: chan.go sets parkingOnChan until the channel is unlocked, and
/// whoever wins a select sets selectDone before the goroutine runs.
bool is_being_woken(const GFacts& g);

/// The parts of a parked goroutine's row agree: its wait reason with the sudogs that it has, each
/// sudog with its channel's queue, and nobody has begun to wake it.
bool parts_fit(const GFacts& g, snapshot::WaitKind kind, std::span<const SeenWait> waits);

/// A digest of an hchan less its lock word, to tell later whether the channel changed.
std::uint32_t hash_of_channel(Bytes hchan, const go::HchanLayout& layout);

}  // namespace chanspect::capture
