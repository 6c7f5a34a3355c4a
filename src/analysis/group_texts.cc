// What a group of goroutines is called: the text of each of its keys, from its first member.

#include <fmt/format.h>

#include "analysis/frames.h"
#include "analysis/goroutines.h"
#include "analysis/words.h"

namespace chanspect::analysis {
namespace {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;

std::string text_of_frame(const Snapshot& snapshot, FrameId id, std::string_view none) {
  if (id == kNone) return std::string(none);
  const snapshot::Frame& frame = snapshot.frames[id];
  return fmt::format("{} {}:{}", snapshot.strings[frame.function], snapshot.strings[frame.file],
                     frame.line);
}

std::string text_of_labels(const Snapshot& snapshot, snapshot::LabelsId id) {
  std::string text;
  if (id != kNone)
    for (const auto& [key, value] : snapshot.labels[id])
      text += fmt::format("{}{}={}", text.empty() ? "" : ", ", snapshot.strings[key],
                          snapshot.strings[value]);
  return text.empty() ? "(no labels)" : text;
}

std::string text_of_channels(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::string text;
  snapshot::ChannelId last = kNone;
  for (std::uint32_t w = 0; w < goroutine.wait_count; ++w) {
    const snapshot::ChannelId channel = snapshot.waits[goroutine.first_wait + w].channel;
    if (channel == kNone || channel == last) continue;
    last = channel;
    text += fmt::format("{}{:#x}", text.empty() ? "" : ",", snapshot.channels[channel].address);
  }
  return text.empty() ? "(no channel)" : text;
}

}  // namespace

std::string group_key_text(const Snapshot& snapshot, const Goroutine& goroutine, GroupKey key) {
  if (!goroutine.settled) return "(moving)";
  switch (key) {
    case GroupKey::reason:
      return std::string(block_type(snapshot, goroutine));
    case GroupKey::creator:
      return text_of_frame(snapshot, goroutine.creator, "(no creator)");
    case GroupKey::label:
      return text_of_labels(snapshot, goroutine.labels);
    case GroupKey::channel:
      return text_of_channels(snapshot, goroutine);
    case GroupKey::site:
    case GroupKey::stack:
      break;
  }
  return text_of_frame(snapshot, site_of(snapshot, goroutine.stack), "(no user frame)");
}

void describe_group(const Snapshot& snapshot, const std::vector<GroupKey>& keys,
                    GoroutineGroup& group) {
  const Goroutine& first = snapshot.goroutines[group.members.front()];
  for (const GroupKey key : keys) {
    if (!group.key.empty()) group.key += "  ";
    group.key += group_key_text(snapshot, first, key);
    if (!first.settled || group.frame != kNone) continue;
    if (key == GroupKey::site || key == GroupKey::stack)
      group.frame = site_of(snapshot, first.stack);
    else if (key == GroupKey::creator)
      group.frame = first.creator;
  }
}

}  // namespace chanspect::analysis
