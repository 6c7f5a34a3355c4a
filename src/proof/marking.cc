#include "proof/marking.h"

#include <algorithm>
#include <array>
#include <thread>

namespace chanspect::proof {
namespace {

constexpr std::size_t kRootsAShare = 1024;
constexpr std::size_t kWorthSharing = 256;  // objects

}  // namespace

/// One thread's part: a stack of marked objects whose targets are yet to be looked at. A target's
/// bit is asked for some steps before it is needed, since most of the time goes into waiting for
/// memory.
class Marking::Worker {
 public:
  explicit Worker(Marking& marking) : marking_(&marking) {}

  void run(const std::function<std::span<const ObjectId>(RootNumber)>& held_by) {
    for (Share share; marking_->take(share); share = {}) {
      if (!share.objects.empty()) {
        root_ = share.root;
        stack_ = std::move(share.objects);
        drain();
      }
      for (const RootNumber root : share.roots) {
        root_ = root;
        for (const ObjectId object : held_by(root)) meet(object);
        drain();
      }
    }
  }

  std::vector<Reached> reached;

 private:
  static constexpr std::size_t kAhead = 16;

  void drain() {
    for (;;) {
      while (!stack_.empty()) {
        if (stack_.size() >= kWorthSharing && marking_->somebody_is_idle()) share_half();
        const ObjectId object = stack_.back();
        stack_.pop_back();
        for (const ObjectId target : marking_->graph_->targets(object)) meet(target);
      }
      if (waiting_ == 0) return;
      while (waiting_ > 0) settle_oldest();
    }
  }

  void meet(ObjectId object) {
    marking_->marked_.prefetch(object);
    if (waiting_ == kAhead) settle_oldest();
    ahead_[(oldest_ + waiting_++) % kAhead] = object;
  }

  void settle_oldest() {
    const ObjectId object = ahead_[oldest_];
    oldest_ = (oldest_ + 1) % kAhead;
    --waiting_;
    if (!marking_->marked_.set(object)) return;
    if (marking_->watched_.test(object)) reached.push_back({object, root_});
    stack_.push_back(object);
  }

  void share_half() {
    const auto half = stack_.begin() + static_cast<std::ptrdiff_t>(stack_.size() / 2);
    Share share;
    share.root = root_;
    share.objects.assign(stack_.begin(), half);
    stack_.erase(stack_.begin(), half);
    marking_->give(std::move(share));
  }

  Marking* marking_;
  RootNumber root_ = 0;
  std::vector<ObjectId> stack_;
  std::array<ObjectId, kAhead> ahead_{};
  std::size_t oldest_ = 0, waiting_ = 0;
};

Marking::Marking(const ObjectGraph& graph, unsigned workers)
    : graph_(&graph),
      workers_(std::max(1U, workers)),
      marked_(graph.size()),
      watched_(graph.size()) {}

std::vector<Marking::Reached> Marking::mark(
    std::span<const RootNumber> roots,
    const std::function<std::span<const ObjectId>(RootNumber)>& held_by) {
  for (std::size_t at = 0; at < roots.size(); at += kRootsAShare)
    shares_.push_back({roots.subspan(at, std::min(kRootsAShare, roots.size() - at)), {}, 0});
  running_ = workers_;
  std::vector<Worker> workers(workers_, Worker(*this));
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < workers_; ++i)
      threads.emplace_back([&, i] { workers[i].run(held_by); });
    workers[0].run(held_by);
  }
  std::vector<Reached> reached;
  for (const Worker& worker : workers)
    reached.insert(reached.end(), worker.reached.begin(), worker.reached.end());
  return reached;
}

/// False when no work is left and nobody can give any more.
bool Marking::take(Share& share) {
  std::unique_lock lock(mutex_);
  if (shares_.empty()) {
    ++idle_;
    if (--running_ == 0) changed_.notify_all();
    changed_.wait(lock, [&] { return !shares_.empty() || running_ == 0; });
    --idle_;
    if (shares_.empty()) return false;
    ++running_;
  }
  share = std::move(shares_.front());
  shares_.pop_front();
  return true;
}

void Marking::give(Share share) {
  const std::lock_guard lock(mutex_);
  shares_.push_back(std::move(share));
  changed_.notify_one();
}

}  // namespace chanspect::proof
