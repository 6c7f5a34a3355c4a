#include "capture/watch.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <unordered_map>

namespace chanspect::capture {
namespace {

using Clock = std::chrono::steady_clock;

/// Looks in between. g.trackingSeq, which counts parks, is one byte: a goroutine that parked a
/// multiple of 256 times since the last look seems not to have moved. After this many looks at odd
/// distances that chance is gone.
constexpr int kGlances = 6;
constexpr auto kShortestPause = std::chrono::milliseconds(20);

/// What would differ had the goroutine run.
struct Mark {
  std::uint64_t id = 0;
  snapshot::Address sudog = 0;
  StringId reason = 0;
  snapshot::Status status = snapshot::Status::unknown;
  std::uint8_t park_sequence = 0;
  bool still = false;  ///< seen again, unmoved, at the latest glance

  bool same_stop(const Mark& other) const {
    return id == other.id && sudog == other.sudog && reason == other.reason &&
           status == other.status && park_sequence == other.park_sequence;
  }
};

using Marks = std::unordered_map<snapshot::Address, Mark>;

/// Ids of wait reasons are those of any look: they are the first strings of each snapshot.
Mark mark_of(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& row) {
  return {row.id,
          row.wait_count > 0 ? snapshot.waits[row.first_wait].sudog : 0,
          row.reason,
          row.status,
          row.park_sequence,
          true};
}

bool can_stand_still(const snapshot::Goroutine& row) {
  return row.settled &&
         (row.status == snapshot::Status::waiting || row.status == snapshot::Status::leaked);
}

Marks mark_all(const snapshot::Snapshot& snapshot) {
  Marks marks;
  marks.reserve(snapshot.goroutines.size());
  for (const snapshot::Goroutine& row : snapshot.goroutines)
    if (can_stand_still(row)) marks.emplace(row.address, mark_of(snapshot, row));
  return marks;
}

/// Keeps the marks of those that are found as they were.
void keep_unmoved(Marks& marks, const snapshot::Snapshot& snapshot) {
  for (auto& [address, mark] : marks) mark.still = false;
  for (const snapshot::Goroutine& row : snapshot.goroutines)
    if (const auto found = marks.find(row.address); found != marks.end() && can_stand_still(row))
      found->second.still = found->second.same_stop(mark_of(snapshot, row));
  std::erase_if(marks, [](const auto& entry) { return !entry.second.still; });
}

/// Glances now and then until `end`, at distances without a rhythm.
Result<void> glance_until(Clock::time_point end, const OpenedProgram& opened, const Options& light,
                          Marks& marks) {
  std::minstd_rand random(std::random_device{}());
  const auto begin = Clock::now();
  for (int glance = 1; glance <= kGlances; ++glance) {
    const double share =
        (glance - 0.3 +
         0.6 * static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max())) /
        (kGlances + 1);
    const auto due = begin + std::chrono::duration_cast<Clock::duration>((end - begin) * share);
    if (due - Clock::now() < kShortestPause) continue;
    std::this_thread::sleep_until(due);
    CS_TRY(const auto look, look_once(opened, light));
    keep_unmoved(marks, look);
  }
  std::this_thread::sleep_until(end);
  return {};
}

std::unordered_map<snapshot::Address, std::uint32_t> count_waiters(
    const snapshot::Snapshot& snapshot) {
  std::unordered_map<snapshot::Address, std::uint32_t> waiters;
  for (const snapshot::Channel& channel : snapshot.channels)
    waiters[channel.address] = channel.receiver_count + channel.sender_count;
  return waiters;
}

}  // namespace

Result<snapshot::Snapshot> look_twice(const OpenedProgram& opened, const Options& options) {
  Options light = options;
  light.stacks = Options::Stacks::none;
  light.arguments = light.labels = false;
  light.progress = nullptr;

  CS_TRY(const auto first, look_once(opened, light));
  const auto watched_from = Clock::now();
  Marks marks = mark_all(first);
  CS_CHECK(glance_until(watched_from + std::chrono::nanoseconds(options.watch_ns), opened, light,
                        marks));
  const std::int64_t watched = std::chrono::nanoseconds(Clock::now() - watched_from).count();
  CS_TRY(snapshot::Snapshot second, look_once(opened, options));
  keep_unmoved(marks, second);

  for (snapshot::Goroutine& row : second.goroutines)
    if (marks.contains(row.address)) row.wait_ns = std::max(row.wait_ns, watched);
  const auto before = count_waiters(first);
  for (snapshot::Channel& channel : second.channels) {
    const auto found = before.find(channel.address);
    channel.waiters_before = found == before.end() ? 0 : found->second;
  }
  second.source.watched_ns = watched;
  second.source.goroutines_before = static_cast<std::uint64_t>(
      std::ranges::count_if(first.goroutines, [](const auto& row) { return !row.system; }));
  return second;
}

}  // namespace chanspect::capture
