#include "capture/fit.h"

#include <algorithm>

namespace chanspect::capture {
namespace {

using snapshot::Direction;
using snapshot::WaitKind;

bool has_channel_wait(WaitKind kind) {
  return kind == WaitKind::chan_receive || kind == WaitKind::chan_send;
}

bool is_end_of(Address first, Address last, const SeenWait& wait) {
  return (wait.prev != 0 || first == wait.sudog) && (wait.next != 0 || last == wait.sudog);
}

}  // namespace

void place_in_queue(SeenWait& wait, Bytes bytes, const go::HchanLayout& layout) {
  using L = go::HchanLayout;
  const go::Structure hchan(bytes, layout);
  wait.channel_hash = hash_of_channel(bytes, layout);
  const bool closed = hchan[&L::closed] != 0;  // closechan empties both queues
  const bool receives = is_end_of(hchan[&L::recvq_first], hchan[&L::recvq_last], wait);
  const bool sends = is_end_of(hchan[&L::sendq_first], hchan[&L::sendq_last], wait);
  wait.in_queue = !closed && (receives || sends);
  // In the middle of a queue both look possible; whoever walks the queue will know.
  if (receives != sends) wait.direction = receives ? Direction::receive : Direction::send;
}

bool is_being_woken(const GFacts& g) {
  return g.parking_on_chan || g.select_done != 0;
}

bool parts_fit(const GFacts& g, WaitKind kind, std::span<const SeenWait> waits) {
  if (is_being_woken(g)) return false;
  const auto in_queue = [](const SeenWait& wait) { return wait.channel == 0 || wait.in_queue; };
  if (!std::ranges::all_of(waits, in_queue)) return false;

  if (has_channel_wait(kind)) {
    if (waits.size() != 1 || waits[0].channel == 0 || waits[0].is_select) return false;
    const Direction wanted = kind == WaitKind::chan_send ? Direction::send : Direction::receive;
    return waits[0].direction == Direction::unknown || waits[0].direction == wanted;
  }
  if (kind == WaitKind::select)
    return std::ranges::all_of(waits, [](const SeenWait& w) { return w.is_select && w.channel; });
  return std::ranges::all_of(waits, [](const SeenWait& w) { return w.channel == 0; });
}

std::uint32_t hash_of_channel(Bytes hchan, const go::HchanLayout& layout) {
  std::uint64_t hash = 0x9e3779b97f4a7c15;
  for (std::uint32_t at = 0; at + 8 <= hchan.size(); at += 8) {
    if (at == layout.lock_key.offset) continue;
    hash = (hash ^ load<std::uint64_t>(hchan, at).value_or(0)) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  return static_cast<std::uint32_t>(hash);
}

}  // namespace chanspect::capture
