#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "capture/capture.h"
#include "capture/harvester.h"
#include "capture/runtime.h"
#include "go/semaphores.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// One look at the target while it is being made: the snapshot so far, with what its rows still
/// need to become whole. Its phases (harvest, link, settle, finish) each have a file.
///
/// Until `finish`, snapshot.goroutines has a row for each entry of allgs (status dead where there
/// is no goroutine), and a row's stack, creator and labels are numbers of the harvester that read
/// it.
struct Look {
  static constexpr std::uint32_t kStretch = 1U << 11;  ///< rows that one harvester reads in a go
  static constexpr std::uint32_t kOrphan = snapshot::kNone;  ///< wait.goroutine: no row's any more

  const Runtime* runtime = nullptr;
  const Options* options = nullptr;
  unsigned workers = 1;
  HarvestPlan plan;
  go::SemaphoreWaiters semaphores;
  snapshot::Snapshot snapshot;

  std::vector<Address> goroutines;  ///< allgs; rows are in this order
  std::vector<std::unique_ptr<Harvester>> harvesters;
  std::vector<std::uint32_t> stretch_harvester;             ///< by row / kStretch
  std::unordered_map<std::uint32_t, std::uint32_t> reread;  ///< row -> harvester, where another
  RawVector<WaitLink> links;                                ///< parallel to snapshot.waits
  std::uint64_t wide = 0;  ///< rows settled by readings further apart than is certain

  /// Which harvester's numbers a row holds.
  std::uint32_t harvester_number(std::uint32_t row) const {
    if (const auto found = reread.find(row); found != reread.end()) return found->second;
    return stretch_harvester[row / kStretch];
  }
};

/// Reads allgs and every goroutine on it into rows.
Result<void> harvest(Look& look);

/// Makes channels of the waits: their fields, and their queues as far as rows and channels agree.
/// Returns those (by number in snapshot.channels) whose queues are yet to be settled.
Result<std::vector<snapshot::ChannelId>> link_channels(Look& look);

/// Reads each of these channels together with all goroutines of its queues, in moments short
/// enough to prove them; tries again while it moves, within bounds.
Result<void> settle_channels(Look& look, std::vector<snapshot::ChannelId> unsettled);

/// Turns the harvesters' numbers into the snapshot's ids, names what is still a bare address, and
/// leaves out the rows and waits that stand for nothing.
Result<void> finish(Look& look);

}  // namespace chanspect::capture
