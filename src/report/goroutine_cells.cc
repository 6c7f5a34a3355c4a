#include "report/goroutine_cells.h"

#include <fmt/format.h>

#include "analysis/words.h"
#include "report/output.h"
#include "report/words.h"

namespace chanspect::report {
namespace {

using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;
using snapshot::Wait;

/// Visits the waits on channels. A channel that a select names twice comes twice in a row only when
/// its directions differ.
template <class Visit>
void for_each_channel_wait(const Snapshot& snapshot, const Goroutine& goroutine, Visit visit) {
  const Wait* last = nullptr;
  for (std::uint32_t w = 0; w < goroutine.wait_count; ++w) {
    const Wait& wait = snapshot.waits[goroutine.first_wait + w];
    if (wait.channel == kNone) continue;
    if (last != nullptr && last->channel == wait.channel && last->direction == wait.direction)
      continue;
    visit(wait);
    last = &wait;
  }
}

}  // namespace

std::string channel_addresses(const Snapshot& snapshot, const Goroutine& goroutine,
                              std::size_t most) {
  std::string text;
  std::size_t count = 0;
  for_each_channel_wait(snapshot, goroutine, [&](const Wait& wait) {
    if (count++ < most) text += fmt::format("{}{:#x}", text.empty() ? "" : ",", wait.object);
  });
  return count > most ? fmt::format("{},+{}", text, count - most) : text;
}

std::string waited_addresses(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::string text = channel_addresses(snapshot, goroutine, 2);
  if (!text.empty()) return text;
  const snapshot::Address lock = lock_address(snapshot, goroutine);
  return lock == 0 ? "-" : hex(lock);
}

std::string directions(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::string text;
  bool first = true;
  for_each_channel_wait(snapshot, goroutine, [&](const Wait& wait) {
    if (!first) text.push_back(',');
    first = false;
    text += analysis::name_of(wait.direction);
  });
  return text;
}

snapshot::Address lock_address(const Snapshot& snapshot, const Goroutine& goroutine) {
  for (std::uint32_t w = 0; w < goroutine.wait_count; ++w)
    if (const Wait& wait = snapshot.waits[goroutine.first_wait + w]; wait.channel == kNone)
      return wait.object;
  return 0;
}

std::string_view creator_name(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (goroutine.creator == kNone) return {};
  return snapshot.strings[snapshot.frames[goroutine.creator].function];
}

std::string label_words(const Snapshot& snapshot, snapshot::LabelsId labels) {
  std::string text;
  if (labels == kNone) return text;
  for (const auto& [key, value] : snapshot.labels[labels])
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", snapshot.strings[key],
                        snapshot.strings[value]);
  return text;
}

}  // namespace chanspect::report
