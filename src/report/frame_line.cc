#include "report/frame_line.h"

#include <fmt/format.h>

#include "analysis/frames.h"
#include "report/words.h"

namespace chanspect::report {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;

std::string frame_line(const Snapshot& snapshot, FrameId id) {
  if (id == kNone) return "-";
  const snapshot::Frame& frame = snapshot.frames[id];
  return fmt::format("{} {}:{}", printable(snapshot.strings[frame.function]),
                     printable(snapshot.strings[frame.file]), frame.line);
}

FrameId user_frame_of(const Snapshot& snapshot, const Goroutine& goroutine, std::uint32_t k) {
  return goroutine.settled && k != 0 ? analysis::user_frame(snapshot, goroutine.stack, k) : kNone;
}

Result<void> check_frame(const Snapshot& snapshot, const Goroutine& goroutine, std::uint32_t k) {
  if (user_frame_of(snapshot, goroutine, k) != kNone) return {};
  const std::string what = fmt::format("goroutine {} has no user frame {}", goroutine.id, k);
  if (!goroutine.settled) return fail(ErrorCode::usage, what, "it moved at every look");
  const std::uint32_t count = analysis::count_user_frames(snapshot, goroutine.stack);
  return fail(ErrorCode::usage, what,
              count == 0 ? "its stack shows none" : "it has " + plural(count, "user frame"),
              count == 0 ? "" : fmt::format("--frame 1 to --frame {}", count));
}

}  // namespace chanspect::report
