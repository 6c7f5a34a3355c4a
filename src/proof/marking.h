#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "proof/object_bits.h"
#include "proof/object_graph.h"

namespace chanspect::proof {

/// Marks what can be reached, from root to root, on several threads, like the collector's own mark
/// phase (runtime/mgcmark.go: gcDrain). Objects that are watched are reported when they are first
/// reached, with the root that reached them.
class Marking {
 public:
  using RootNumber = std::uint32_t;  ///< the caller's

  struct Reached {
    ObjectId object = kNoObject;
    RootNumber root = 0;
  };

  Marking(const ObjectGraph& graph, unsigned workers);

  void watch(ObjectId object) { watched_.set(object); }
  bool is_marked(ObjectId object) const { return marked_.test(object); }
  std::uint64_t count() const { return marked_.count(); }

  /// Marks all that `held_by(root)` reaches, for each root, and returns the watched objects newly
  /// reached, in no order.
  std::vector<Reached> mark(std::span<const RootNumber> roots,
                            const std::function<std::span<const ObjectId>(RootNumber)>& held_by);

 private:
  /// Work for whoever is free: some roots, or objects already marked whose targets are not.
  struct Share {
    std::span<const RootNumber> roots;
    std::vector<ObjectId> objects;
    RootNumber root = 0;
  };
  class Worker;

  bool take(Share& share);
  void give(Share share);
  bool somebody_is_idle() const { return idle_.load(std::memory_order_relaxed) > 0; }

  const ObjectGraph* graph_;
  unsigned workers_;
  ObjectBits marked_, watched_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Share> shares_;
  std::atomic<unsigned> idle_ = 0;
  unsigned running_ = 0;
};

}  // namespace chanspect::proof
