#include "analysis/frames.h"

#include <algorithm>
#include <functional>
#include <span>
#include <unordered_map>

namespace chanspect::analysis {
namespace {

using snapshot::FrameId;
using snapshot::kNone;
using snapshot::Snapshot;
using snapshot::Stack;
using snapshot::StackFrame;
using snapshot::StackId;

std::span<const StackFrame> frames_of(const Snapshot& snapshot, const Stack& stack) {
  return std::span(snapshot.stack_frames).subspan(stack.first, stack.count);
}

/// Visits the user frames from the site on until `visit` says false.
template <class Visit>
void for_each_user_frame(const Snapshot& snapshot, StackId id, Visit visit) {
  if (id == kNone || snapshot.stacks[id].site == kNone) return;
  const Stack& stack = snapshot.stacks[id];
  const auto frames = frames_of(snapshot, stack);
  for (std::size_t i = stack.site; i < frames.size(); ++i) {
    const bool counts =
        i == stack.site || !(frames[i].hidden || snapshot.frames[frames[i].frame].runtime);
    if (counts && !visit(frames[i].frame)) return;
  }
}

struct Place {
  StringId function = 0;
  StringId file = 0;
  std::uint32_t line = 0;
  bool operator==(const Place&) const = default;
};

struct PlaceHash {
  std::size_t operator()(const Place& place) const {
    const std::uint64_t names = (std::uint64_t{place.function} << 32) | place.file;
    return std::hash<std::uint64_t>()((names * 0x9e3779b97f4a7c15) ^ place.line);
  }
};

}  // namespace

FrameId user_frame(const Snapshot& snapshot, StackId stack, std::uint32_t k) {
  FrameId found = kNone;
  for_each_user_frame(snapshot, stack, [&](FrameId frame) {
    if (k-- > 1) return true;
    found = frame;
    return false;
  });
  return found;
}

std::uint32_t count_user_frames(const Snapshot& snapshot, StackId stack) {
  std::uint32_t count = 0;
  for_each_user_frame(snapshot, stack, [&](FrameId) { return ++count != 0; });
  return count;
}

std::vector<FrameId> same_place(const Snapshot& snapshot) {
  std::vector<FrameId> first(snapshot.frames.size());
  std::unordered_map<Place, FrameId, PlaceHash> places;
  places.reserve(first.size());
  for (FrameId id = 0; id < first.size(); ++id) {
    const snapshot::Frame& frame = snapshot.frames[id];
    first[id] = places.try_emplace({frame.function, frame.file, frame.line}, id).first->second;
  }
  return first;
}

std::vector<FrameId> sites_by_stack(const Snapshot& snapshot) {
  const std::vector<FrameId> place = same_place(snapshot);
  std::vector<FrameId> sites(snapshot.stacks.size());
  for (StackId id = 0; id < sites.size(); ++id) {
    const FrameId site = site_of(snapshot, id);
    sites[id] = site == kNone ? kNone : place[site];
  }
  return sites;
}

std::vector<std::uint8_t> frames_naming(const Snapshot& snapshot,
                                        const std::vector<std::string>& parts) {
  // A name is looked at once, however many frames have it.
  enum : std::uint8_t { no, yes, not_looked_at };
  std::vector<std::uint8_t> names(snapshot.strings.size(), not_looked_at);
  std::vector<std::uint8_t> marks(snapshot.frames.size());
  for (FrameId id = 0; id < marks.size(); ++id) {
    const StringId function = snapshot.frames[id].function;
    if (names[function] == not_looked_at)
      names[function] = std::ranges::any_of(parts, [&](const std::string& part) {
        return snapshot.strings[function].find(part) != std::string_view::npos;
      });
    marks[id] = names[function];
  }
  return marks;
}

std::vector<std::uint8_t> stacks_with(const Snapshot& snapshot,
                                      const std::vector<std::uint8_t>& frames) {
  std::vector<std::uint8_t> marks(snapshot.stacks.size());
  for (StackId id = 0; id < marks.size(); ++id)
    marks[id] = std::ranges::any_of(frames_of(snapshot, snapshot.stacks[id]),
                                    [&](const StackFrame& at) { return frames[at.frame] != 0; });
  return marks;
}

}  // namespace chanspect::analysis
