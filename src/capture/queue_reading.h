#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "capture/channel_reading.h"
#include "capture/gather.h"
#include "capture/runtime.h"

namespace chanspect::capture {

/// One sudog in a channel's queue.
struct QueuedSudog {
  Address sudog = 0, g = 0, elem = 0, next = 0;
  bool is_select = false;
};

/// A channel with both its queues, read between two readings of its hchan.
struct QueueReading {
  ChannelReading channel;
  std::vector<QueuedSudog> receivers, senders;
  bool stood_still = false;  ///< the queues are those of `channel`, which did not change meanwhile
};

/// Reads channels whole. Sudogs that are likely in the queue are read in bulk; the others one by
/// one as the queue leads to them.
class QueueReader {
 public:
  explicit QueueReader(const Runtime& runtime) : runtime_(&runtime), pieces_(*runtime.memory) {}

  /// `likely` ascends. An error means the target as a whole.
  Result<QueueReading> read(Address channel, std::span<const Address> likely);

  /// The hchan alone.
  Result<ChannelReading> read_channel(Address channel);

 private:
  Result<bool> walk(Address channel, Address first, Address last, std::vector<QueuedSudog>& queue);
  Result<bool> read_sudog(Address address);

  const Runtime* runtime_;
  Gather pieces_;
  std::span<const Address> likely_;
  std::vector<std::byte> one_;
  Bytes sudog_;  ///< what read_sudog found
};

}  // namespace chanspect::capture
