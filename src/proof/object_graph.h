#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/raw_vector.h"

namespace chanspect::proof {

/// A number for each object of the heap. Not quite dense: those of one segment begin at a multiple
/// of ObjectGraph::kSegment, so that a segment can be built by one thread on its own.
using ObjectId = std::uint32_t;
inline constexpr ObjectId kNoObject = 0xffffffff;

/// Which object of the heap points to which: all that a proof needs of the heap's bytes, at 4 bytes
/// an object and 4 bytes a pointer.
class ObjectGraph {
 public:
  static constexpr std::uint32_t kSegmentBits = 16;
  static constexpr std::uint32_t kSegment = 1U << kSegmentBits;  ///< objects

  /// The targets of some of the kSegment objects from a multiple of kSegment on, in order.
  class Segment {
   public:
    /// The targets of object number `index` in the segment; indices only grow. Those left out have
    /// none.
    void add(std::uint32_t index, std::span<const ObjectId> targets) {
      while (begins_.size() <= index) begins_.push_back(static_cast<std::uint32_t>(edges_.size()));
      edges_.insert(edges_.end(), targets.begin(), targets.end());
    }
    std::span<const ObjectId> targets(std::uint32_t index) const {
      if (index >= begins_.size()) return {};
      const std::size_t end = index + 1 < begins_.size() ? begins_[index + 1] : edges_.size();
      return std::span(edges_).subspan(begins_[index], end - begins_[index]);
    }
    std::size_t edges() const { return edges_.size(); }
    void shrink_to_fit() {
      begins_.shrink_to_fit();
      edges_.shrink_to_fit();
    }

   private:
    std::vector<std::uint32_t> begins_;
    RawVector<ObjectId> edges_;
  };

  ObjectGraph() = default;
  explicit ObjectGraph(std::vector<Segment> segments) : segments_(std::move(segments)) {}

  std::span<const ObjectId> targets(ObjectId object) const {
    return segments_[object >> kSegmentBits].targets(object & (kSegment - 1));
  }
  /// One more than the highest number of an object.
  std::size_t size() const { return segments_.size() << kSegmentBits; }
  std::size_t edges() const {
    std::size_t all = 0;
    for (const Segment& segment : segments_) all += segment.edges();
    return all;
  }

 private:
  std::vector<Segment> segments_;
};

}  // namespace chanspect::proof
