#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "capture/block_reader.h"
#include "capture/memo.h"
#include "capture/runtime.h"
#include "capture/system_goroutines.h"
#include "capture/threads.h"
#include "go/semaphores.h"
#include "go/traceback.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// What is the same for all harvesters of one look.
struct HarvestPlan {
  bool verify = true;  ///< false when the target is stopped
  bool channels = true;
  bool labels = false;
  bool arguments = false;
  bool stacks = true;
  go::StackDepth depth = go::StackDepth::site;
  std::vector<StringId> reason_ids;  ///< in the snapshot's strings, by wait reason number
  ThreadList threads;
};

/// What a wait needs beside its row until the channels' queues are put together.
struct WaitLink {
  Address next = 0;                ///< sudog.next
  std::uint32_t channel_hash = 0;  ///< of the hchan, read with the goroutine
  std::uint32_t block = 0;         ///< waits of one block were read in one moment
};

/// What one stretch of allgs gave beyond its rows. Ids in rows and here are the harvester's own
/// until they are merged.
struct Harvest {
  std::uint32_t harvester = 0;
  std::vector<snapshot::Wait> waits;
  std::vector<WaitLink> links;  ///< parallel to `waits`
  std::vector<std::uint64_t> argument_words;
  std::uint64_t no_one = 0;      ///< g's without a goroutine
  std::uint64_t unreadable = 0;  ///< goroutines of which something could not be read
  std::uint64_t wide = 0;        ///< settled by two readings further apart than is certain
};

/// Reads goroutines block by block, looks again at those that moved, and makes rows of them. One a
/// thread.
class Harvester {
 public:
  /// `number` tells the harvesters of one look apart.
  Harvester(const Runtime& runtime, const go::SemaphoreWaiters& semaphores, const HarvestPlan& plan,
            std::uint32_t number);

  /// Fills `rows[i]` for the g at `goroutines[i]`; where there is no goroutine its status is dead.
  /// `first_row` is the number of rows[0]: the waits name their goroutine by it. An error means the
  /// target as a whole.
  Result<void> read(std::span<const Address> goroutines, std::uint32_t first_row,
                    std::span<snapshot::Goroutine> rows, Harvest& harvest);

  /// Unwinds a goroutine that runs, stopped, from its thread's registers into row.stack.
  Result<void> trace_running(const go::UnwindStart& start, snapshot::Goroutine& row,
                             std::vector<std::uint64_t>& argument_words);

  const go::StackTrie& stacks() const { return stacks_; }
  const Memo& creators() const { return creators_; }  ///< g.gopc by the number in a row
  const Memo& labels() const { return labels_; }      ///< g.labels by the number in a row
  const Memo& bubbles() const { return bubbles_; }    ///< g.bubble by the number in a row

 private:
  struct Stretch {
    std::span<const Address> goroutines;
    std::uint32_t first_row = 0;
    std::span<snapshot::Goroutine> rows;
    Harvest* harvest = nullptr;
  };
  struct Again {
    std::uint32_t index = 0;        ///< in the stretch
    std::uint32_t stack_bytes = 0;  ///< that its unwinding asks for
  };

  bool is_in_doubt(const Reading& reading, std::int64_t allowed_ns) const;
  std::uint32_t count_in_doubt(std::int64_t allowed_ns) const;
  bool fit_block_size(std::uint32_t size);
  Result<void> look_again(Stretch& stretch);
  Result<void> read_narrowly(std::span<const Address> goroutines, const BlockPlan& plan,
                             Harvest& harvest);
  void take(Stretch& stretch, std::uint32_t index, const Reading& reading,
            std::uint32_t stack_bytes);
  void fill_row(Stretch& stretch, std::uint32_t index, const Reading& reading);
  bool trace(Stretch& stretch, std::uint32_t index, const Reading& reading,
             std::uint32_t stack_bytes);

  const Runtime* runtime_;
  const HarvestPlan* plan_;
  BlockReader reader_;
  go::StackTrie stacks_;
  SystemGoroutines system_;
  Memo creators_, labels_, bubbles_;
  std::vector<Again> again_, now_;
  std::vector<Address> group_;
  std::uint32_t block_;  ///< number of the block just read, unique among all harvesters
  std::uint32_t block_size_;
  std::uint32_t quick_blocks_ = 0;  ///< in a row, since the size last changed
  std::uint32_t first_window_;
};

}  // namespace chanspect::capture
