#include "capture/queue_reading.h"

#include <algorithm>

namespace chanspect::capture {
namespace {

constexpr std::size_t kMostUnexpected = 4096;  // sudogs read one by one, in all of one queue

/// False for an address that cannot be read; an error for a target that cannot.
Result<bool> tolerate(const Result<void>& done) {
  if (done) return true;
  if (done.error().code == ErrorCode::unreadable) return false;
  return std::unexpected(done.error());
}

}  // namespace

Result<ChannelReading> QueueReader::read_channel(Address channel) {
  std::vector<std::byte> bytes(runtime_->layout.hchan.size);
  CS_TRY(const bool readable, tolerate(runtime_->memory->read(channel, bytes)));
  return readable ? parse_channel(bytes, runtime_->layout.hchan) : ChannelReading{};
}

Result<QueueReading> QueueReader::read(Address channel, std::span<const Address> likely) {
  QueueReading reading;
  likely_ = likely;
  CS_TRY(reading.channel, read_channel(channel));
  const ChannelReading& before = reading.channel;
  if (!before.readable || before.locked()) return reading;

  pieces_.clear();
  for (const Address sudog : likely) pieces_.add(sudog, runtime_->layout.sudog.size);
  CS_CHECK(pieces_.read());
  CS_TRY(const bool receivers,
         walk(channel, before.recvq_first, before.recvq_last, reading.receivers));
  if (!receivers) return reading;
  CS_TRY(const bool senders, walk(channel, before.sendq_first, before.sendq_last, reading.senders));
  if (!senders) return reading;

  CS_TRY(const ChannelReading after, read_channel(channel));
  reading.stood_still = same_but_for_arrivals(before, after);
  return reading;
}

/// From the queue's first to the last that it had; whoever came later is left out.
Result<bool> QueueReader::walk(Address channel, Address first, Address last,
                               std::vector<QueuedSudog>& queue) {
  using L = go::SudogLayout;
  const std::size_t most = likely_.size() + kMostUnexpected;
  for (Address at = first; at != 0;) {
    if (queue.size() >= most) return false;
    CS_TRY(const bool readable, read_sudog(at));
    if (!readable) return false;
    const go::Structure sudog(sudog_, runtime_->layout.sudog);
    if (sudog[&L::c] != channel) return false;
    if ((sudog[&L::prev] == 0) != (at == first)) return false;
    queue.push_back(
        {at, sudog[&L::g], sudog[&L::elem], sudog[&L::next], sudog[&L::is_select] != 0});
    if (at == last) return true;
    at = sudog[&L::next];
  }
  return first == 0 && last == 0;
}

Result<bool> QueueReader::read_sudog(Address address) {
  const auto found = std::ranges::lower_bound(likely_, address);
  if (found != likely_.end() && *found == address) {
    sudog_ = pieces_[static_cast<Gather::Piece>(found - likely_.begin())];
    return !sudog_.empty();
  }
  one_.resize(runtime_->layout.sudog.size);
  sudog_ = one_;
  return tolerate(runtime_->memory->read(address, one_));
}

}  // namespace chanspect::capture
