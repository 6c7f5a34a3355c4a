// Turns a StackTrie into the snapshot's stacks.

#include <algorithm>
#include <span>
#include <unordered_map>

#include "go/traceback.h"
#include "go/traceback_step.h"

namespace chanspect::go {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

std::uint64_t hash_of(const snapshot::Frame& frame) {
  std::uint64_t hash = mix(frame.pc, frame.function);
  hash = mix(hash, std::uint64_t{frame.file} << 32 | frame.line);
  return mix(hash, std::uint64_t{frame.arguments} << 1 | (frame.inlined ? 1 : 0));
}

bool same(const snapshot::Frame& a, const snapshot::Frame& b) {
  return a.pc == b.pc && a.function == b.function && a.file == b.file && a.line == b.line &&
         a.offset == b.offset && a.arguments == b.arguments &&
         a.argument_count == b.argument_count && a.inlined == b.inlined && a.runtime == b.runtime;
}

std::uint64_t hash_of(std::span<const snapshot::StackFrame> frames, bool complete) {
  std::uint64_t hash = complete ? 1 : 2;
  for (const auto& frame : frames)
    hash = mix(hash, std::uint64_t{frame.frame} << 1 | (frame.hidden ? 1 : 0));
  return hash;
}

bool same(std::span<const snapshot::StackFrame> a, std::span<const snapshot::StackFrame> b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.frame == y.frame && x.hidden == y.hidden;
  });
}

/// A frame that stands at the outer end of stacks without telling anything.
bool is_trailer(FuncId id) {
  return id == FuncId::goexit || id == FuncId::wrapper || id == FuncId::mstart ||
         id == FuncId::rt0_go;
}

}  // namespace

/// The frames and stacks of a snapshot, findable by what they hold.
class StackTrie::Interning {
 public:
  explicit Interning(snapshot::Snapshot& snapshot) : snapshot_(&snapshot) {
    for (snapshot::FrameId id = 0; id < snapshot.frames.size(); ++id)
      frames_.emplace(hash_of(snapshot.frames[id]), id);
    for (snapshot::StackId id = 0; id < snapshot.stacks.size(); ++id)
      stacks_.emplace(hash_of(frames_of(id), snapshot.stacks[id].complete), id);
  }

  /// The ids of the logical frames of a step, innermost first.
  std::vector<snapshot::FrameId> add(const Step& step) {
    std::vector<snapshot::FrameId> ids;
    for (const Step::LogicalFrame& logical : step.frames) {
      snapshot::Frame frame;
      frame.pc = step.pc;
      frame.function = snapshot_->strings.add(logical.source.function);
      frame.file = snapshot_->strings.add(logical.source.file);
      frame.line = logical.source.line;
      frame.inlined = logical.source.inlined;
      frame.offset = logical.source.offset;
      frame.runtime = logical.shape.runtime;
      if (!frame.inlined) {
        frame.arguments = snapshot_->strings.add(step.arguments.text);
        frame.argument_count = static_cast<std::uint8_t>(step.arguments.words.size());
      }
      ids.push_back(add(frame));
    }
    return ids;
  }

  /// `frames` hold the frames of `stack`, leaf first.
  snapshot::StackId add(snapshot::Stack stack, std::span<const snapshot::StackFrame> frames) {
    const std::uint64_t hash = hash_of(frames, stack.complete);
    const auto [begin, end] = stacks_.equal_range(hash);
    for (auto known = begin; known != end; ++known)
      if (snapshot_->stacks[known->second].complete == stack.complete &&
          same(frames_of(known->second), frames))
        return known->second;
    stack.first = static_cast<std::uint32_t>(snapshot_->stack_frames.size());
    stack.count = static_cast<std::uint32_t>(frames.size());
    snapshot_->stack_frames.insert(snapshot_->stack_frames.end(), frames.begin(), frames.end());
    const auto id = static_cast<snapshot::StackId>(snapshot_->stacks.size());
    snapshot_->stacks.push_back(stack);
    stacks_.emplace(hash, id);
    return id;
  }

 private:
  snapshot::FrameId add(const snapshot::Frame& frame) {
    const std::uint64_t hash = hash_of(frame);
    const auto [begin, end] = frames_.equal_range(hash);
    for (auto known = begin; known != end; ++known)
      if (same(snapshot_->frames[known->second], frame)) return known->second;
    const auto id = static_cast<snapshot::FrameId>(snapshot_->frames.size());
    snapshot_->frames.push_back(frame);
    frames_.emplace(hash, id);
    return id;
  }

  std::span<const snapshot::StackFrame> frames_of(snapshot::StackId id) const {
    const snapshot::Stack& stack = snapshot_->stacks[id];
    return std::span(snapshot_->stack_frames).subspan(stack.first, stack.count);
  }

  snapshot::Snapshot* snapshot_;
  std::unordered_multimap<std::uint64_t, snapshot::FrameId> frames_;
  std::unordered_multimap<std::uint64_t, snapshot::StackId> stacks_;
};

/// One stack spelled out: its frames, and what is needed to tell the site.
struct StackTrie::Spelling {
  std::vector<snapshot::StackFrame> frames;  ///< leaf first
  std::uint32_t site = snapshot::kNone;
  std::uint32_t outermost = snapshot::kNone;       ///< shown frame
  std::uint32_t outermost_told = snapshot::kNone;  ///< shown or not, that is no trailer

  void add(snapshot::FrameId id, const Step::LogicalFrame& logical, FuncId callee) {
    const auto index = static_cast<std::uint32_t>(frames.size());
    const bool shown = is_shown(logical.shape, outermost == snapshot::kNone, callee);
    frames.push_back({id, !shown});
    if (shown && !logical.shape.passing && site == snapshot::kNone) site = index;
    if (shown) outermost = index;
    if (!is_trailer(logical.source.id)) outermost_told = index;
  }

  void finish() {
    // traceback1: when it would print nothing, it prints all.
    if (outermost == snapshot::kNone)
      for (auto& frame : frames) frame.hidden = false;
    if (site == snapshot::kNone) site = outermost;
    if (site == snapshot::kNone) site = outermost_told;
    if (site == snapshot::kNone) site = static_cast<std::uint32_t>(frames.size()) - 1;
  }
};

/// The steps from the innermost frame to `node`.
std::vector<std::uint32_t> StackTrie::steps_of(NodeId node) const {
  std::vector<std::uint32_t> steps;
  for (; node < nodes_.size(); node = nodes_[node].parent) steps.push_back(nodes_[node].step);
  std::ranges::reverse(steps);
  return steps;
}

std::vector<snapshot::StackId> StackTrie::add_to(snapshot::Snapshot& snapshot) const {
  Interning interning(snapshot);
  std::vector<std::vector<snapshot::FrameId>> frames_of_step(steps_.size());
  std::vector<snapshot::StackId> ids(nodes_.size(), snapshot::kNone);
  for (NodeId node = 0; node < nodes_.size(); ++node) {
    if (!nodes_[node].ends) continue;
    Spelling spelling;
    FuncId callee = FuncId::normal;
    for (const std::uint32_t number : steps_of(node)) {
      const Step& step = steps_[number];
      auto& frames = frames_of_step[number];
      if (frames.empty()) frames = interning.add(step);
      for (std::size_t i = 0; i < frames.size(); ++i) {
        spelling.add(frames[i], step.frames[i], callee);
        callee = step.frames[i].source.id;
      }
    }
    spelling.finish();
    snapshot::Stack stack;
    stack.site = spelling.site;
    stack.complete = nodes_[node].next == Node::Next::top;
    ids[node] = interning.add(stack, spelling.frames);
  }
  return ids;
}

}  // namespace chanspect::go
