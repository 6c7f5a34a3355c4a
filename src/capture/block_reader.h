#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "capture/fit.h"
#include "capture/g_facts.h"
#include "capture/gather.h"
#include "capture/runtime.h"
#include "go/semaphores.h"

namespace chanspect::capture {

/// How the two readings of a goroutine compare.
enum class Verdict : std::uint8_t {
  settled,     ///< one moment's truth
  moved,       ///< it ran or was woken meanwhile: look again
  no_one,      ///< a g without a goroutine
  unreadable,  ///< its g cannot be read
};

/// What one look at a goroutine gave.
struct Reading {
  GFacts facts;
  Verdict verdict = Verdict::no_one;
  std::uint32_t first_wait = 0, wait_count = 0;  ///< of BlockReader::waits
  target::Range stack;                           ///< the part of its stack that was read
  Gather::Piece stack_piece = Gather::kNoPiece;
  Gather::Piece again = Gather::kNoPiece;        ///< second reading of the g
  Gather::Piece stack_again = Gather::kNoPiece;  ///< second reading, where it is needed
  /// Parked without a break, however far apart the readings: execute (runtime/proc.go) clears
  /// g.waitsince, and only another cycle of the collector sets it again, to another time.
  bool unbroken = false;
  bool partly_unreadable = false;  ///< a sudog, channel or stack of it could not be read
};

/// What to read of each goroutine of a block.
struct BlockPlan {
  bool verify = true;             ///< false when the target is stopped: one look is enough
  bool channels = true;           ///< sudogs, and the channels they are on
  std::uint32_t stack_bytes = 0;  ///< from sp upwards; 0: no stacks
};

/// Reads a few goroutines with everything that belongs to their rows in one go:
///
///   g -> stack and sudogs -> channels -> g again
///
/// and says for each whether it stood still from the first reading to the last. What was read in
/// between then belongs to one moment. The narrower the two readings lie, the surer
/// (`same_stop`), but for those that are `unbroken`: `width_ns` says how wide they were.
class BlockReader {
 public:
  BlockReader(const Runtime& runtime, const go::SemaphoreWaiters& semaphores);

  /// An error means the target as a whole. The readings live until the next `read`.
  Result<void> read(std::span<const Address> goroutines, const BlockPlan& plan);

  std::span<const Reading> readings() const { return readings_; }
  std::span<const SeenWait> waits(const Reading& reading) const {
    return std::span(waits_).subspan(reading.first_wait, reading.wait_count);
  }
  Bytes stack_bytes(const Reading& reading) const { return pieces_[reading.stack_piece]; }
  std::int64_t width_ns() const { return width_ns_; }
  std::int64_t read_at_ns() const { return read_at_ns_; }  ///< CLOCK_MONOTONIC, ours

 private:
  struct PendingSudog {
    std::uint32_t reading = 0;
    Address address = 0;
    Gather::Piece piece = Gather::kNoPiece;
  };

  Result<void> look_first(std::span<const Address> goroutines);
  Result<void> read_sudogs();
  void add_stacks(std::uint32_t stack_bytes);
  void add_channels();
  void look_again(std::span<const Address> goroutines);
  void note_sudog(const PendingSudog& pending, Bytes bytes);
  void group_waits_by_reading();
  void place_waits_in_queues();
  Verdict compare(std::uint32_t index, bool with_waits);
  Verdict fit_together(const Reading& reading, bool with_waits) const;
  bool moves_uncounted(const GFacts& g) const;

  const Runtime* runtime_;
  const go::SemaphoreWaiters* semaphores_;
  std::uint32_t g_size_;
  Gather first_, pieces_;
  std::vector<PendingSudog> pending_, next_pending_;
  std::vector<Reading> readings_;
  std::vector<SeenWait> waits_, found_waits_;
  std::vector<std::uint32_t> found_by_;        ///< reading of each of found_waits_
  std::vector<Gather::Piece> channel_pieces_;  ///< parallel to waits_
  std::int64_t width_ns_ = 0, read_at_ns_ = 0;
};

}  // namespace chanspect::capture
