#include "capture/timers.h"

#include <algorithm>
#include <array>
#include <vector>

#include "capture/gather.h"

namespace chanspect::capture {
namespace {

constexpr std::uint64_t kMostProcessors = 65'536;
constexpr std::uint64_t kMostTimers = 16U << 20;
constexpr std::size_t kAtOnce = 16'384;
constexpr int kFirstWithHeapEntries = 23;  // from go1.23 on a list's entry is {timer, when}

using Slice = std::array<std::uint64_t, 2>;  // address, length

bool may_be_of_timer(const snapshot::Snapshot& snapshot, const snapshot::Channel& channel) {
  return !channel.timer && channel.capacity == 1 &&
         snapshot.strings[channel.elem_type] == "time.Time";
}

/// Some words of a slice; none where they cannot be read: a list that moved under us is left out.
Result<std::vector<std::uint64_t>> read_words(const target::Memory& memory, Address from,
                                              std::size_t count) {
  std::vector<std::uint64_t> words(count);
  const auto got = memory.read(from, std::as_writable_bytes(std::span(words)));
  if (!got && got.error().code != ErrorCode::unreadable) return std::unexpected(got.error());
  if (!got) words.clear();
  return words;
}

/// Whether it will fire: one that was stopped stays on the list for a while.
bool is_running(const go::Structure<go::TimerLayout>& timer) {
  // time.go up to 1.22: timerDeleted, timerRemoving, timerRemoved; then the state bit timerZombie.
  constexpr std::uint32_t kDeleted = 3, kRemoved = 5;
  constexpr std::uint8_t kZombie = 4;
  if (const auto status = timer.get(&go::TimerLayout::status))
    return *status != 0 && (*status < kDeleted || *status > kRemoved);
  return (timer[&go::TimerLayout::state] & kZombie) == 0;
}

Result<void> mark(const Runtime& runtime, std::span<const Address> timers,
                  snapshot::Snapshot& snapshot) {
  Gather gather(*runtime.memory);
  for (const Address timer : timers) gather.add(timer, runtime.layout.timer.size);
  CS_CHECK(gather.read());
  for (std::uint32_t i = 0; i < timers.size(); ++i) {
    const Bytes bytes = gather[i];
    const go::Structure timer(bytes, runtime.layout.timer);
    if (bytes.empty() || !is_running(timer)) continue;
    const Address argument =
        load<Address>(bytes, runtime.layout.timer.arg.offset + sizeof(Address)).value_or(0);
    const auto found =
        std::ranges::lower_bound(snapshot.channels, argument, {}, &snapshot::Channel::address);
    if (found != snapshot.channels.end() && found->address == argument &&
        may_be_of_timer(snapshot, *found))
      found->timer = true;
  }
  return {};
}

/// The list is read piece by piece, so that one that lies about its length costs no more than what
/// can be read of it. `left` is how many timers more are looked at.
Result<void> mark_timers_of(const Runtime& runtime, Address processor, std::uint64_t& left,
                            snapshot::Snapshot& snapshot) {
  const target::Memory& memory = *runtime.memory;
  const auto slice = target::read_value<Slice>(memory, processor + runtime.layout.p.timers.offset);
  if (!slice) return {};
  const std::uint64_t each = runtime.layout.release.minor >= kFirstWithHeapEntries ? 2 : 1;
  const auto [address, length] = *slice;
  std::vector<Address> timers;
  for (std::uint64_t at = 0; at < length && left > 0; at += kAtOnce) {
    const std::uint64_t some = std::min({length - at, std::uint64_t{kAtOnce}, left});
    CS_TRY(const auto words, read_words(memory, address + at * each * 8, some * each));
    if (words.empty()) return {};
    timers.clear();
    for (std::size_t i = 0; i < words.size(); i += each) timers.push_back(words[i]);
    CS_CHECK(mark(runtime, timers, snapshot));
    left -= some;
  }
  return {};
}

}  // namespace

Result<void> mark_timer_channels(const Runtime& runtime, snapshot::Snapshot& snapshot) {
  const bool any = std::ranges::any_of(snapshot.channels, [&](const snapshot::Channel& channel) {
    return may_be_of_timer(snapshot, channel);
  });
  if (!any || runtime.variables.allp == 0) return {};
  const auto allp = target::read_value<Slice>(*runtime.memory, runtime.variables.allp);
  if (!allp) return {};
  if ((*allp)[1] > kMostProcessors) return {};
  CS_TRY(const auto processors, read_words(*runtime.memory, (*allp)[0], (*allp)[1]));
  std::uint64_t left = kMostTimers;
  for (std::size_t i = 0; i < processors.size(); ++i) {
    const auto id = target::read_value<std::int32_t>(*runtime.memory,
                                                     processors[i] + runtime.layout.p.id.offset);
    if (!id || *id != static_cast<std::int32_t>(i)) continue;  // no p: each knows its place
    CS_CHECK(mark_timers_of(runtime, processors[i], left, snapshot));
  }
  return {};
}

}  // namespace chanspect::capture
