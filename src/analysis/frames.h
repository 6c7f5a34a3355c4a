#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "snapshot/snapshot.h"

/// Questions about the frames of stacks that several analyses and reports ask.
namespace chanspect::analysis {

/// The frame that a person would name as the place where a goroutine waits; kNone when its stack
/// was not read or is the runtime's alone.
inline snapshot::FrameId site_of(const snapshot::Snapshot& snapshot, snapshot::StackId stack) {
  if (stack == snapshot::kNone) return snapshot::kNone;
  const snapshot::Stack& frames = snapshot.stacks[stack];
  if (frames.site == snapshot::kNone) return snapshot::kNone;
  return snapshot.stack_frames[frames.first + frames.site].frame;
}

/// The `k`-th user frame of a stack, from 1: the first is the site of waiting, the others are what
/// called it, without frames of the runtime and those that runtime.Stack hides. kNone beyond the
/// last.
snapshot::FrameId user_frame(const snapshot::Snapshot& snapshot, snapshot::StackId stack,
                             std::uint32_t k);

/// How many user frames a stack has.
std::uint32_t count_user_frames(const snapshot::Snapshot& snapshot, snapshot::StackId stack);

/// For each frame the first frame with the same function, file and line: frames differ by pc too,
/// and a person does not care.
std::vector<snapshot::FrameId> same_place(const snapshot::Snapshot& snapshot);

/// For each stack its site, equal places under one id.
std::vector<snapshot::FrameId> sites_by_stack(const snapshot::Snapshot& snapshot);

/// For each frame, whether its function's name contains one of `parts`.
std::vector<std::uint8_t> frames_naming(const snapshot::Snapshot& snapshot,
                                        const std::vector<std::string>& parts);

/// For each stack, whether it has a frame that is marked in `frames`.
std::vector<std::uint8_t> stacks_with(const snapshot::Snapshot& snapshot,
                                      const std::vector<std::uint8_t>& frames);

}  // namespace chanspect::analysis
