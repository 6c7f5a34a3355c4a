#include "report/stack_stream.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace chanspect::report {
namespace {

constexpr std::size_t kStretch = 1024;  // goroutines; some 700 KiB of text
constexpr std::size_t kBuffer = std::size_t{1} << 20;
constexpr std::size_t kMostThreads = 4;

/// Lets threads write stretch after stretch, each in its turn.
class Turns {
 public:
  explicit Turns(Output& out) : out_(&out) {}

  void write(std::size_t stretch, std::string_view text) {
    std::unique_lock lock(mutex_);
    turn_.wait(lock, [&] { return next_ == stretch; });
    lock.unlock();  // whose turn it is has the output to himself
    out_->write(text);
    if (out_->closed()) closed_ = true;
    lock.lock();
    ++next_;
    turn_.notify_all();
  }
  bool closed() const { return closed_; }

 private:
  Output* out_;
  std::mutex mutex_;
  std::condition_variable turn_;
  std::size_t next_ = 0;
  std::atomic<bool> closed_ = false;
};

}  // namespace

void stream_stacks(const snapshot::Snapshot& snapshot, std::span<const std::uint32_t> goroutines,
                   const StackText& text, Output& out) {
  const std::size_t stretches = (goroutines.size() + kStretch - 1) / kStretch;
  std::atomic<std::size_t> next = 0;
  Turns turns(out);
  const auto work = [&] {
    TextBuffer buffer(std::min(kBuffer, goroutines.size() * 1024));
    for (std::size_t stretch; (stretch = next++) < stretches;) {
      buffer.clear();
      const std::size_t begin = stretch * kStretch;
      const std::size_t end = std::min(begin + kStretch, goroutines.size());
      for (std::size_t i = begin; i < end && !turns.closed(); ++i) {
        if (i != 0) buffer.append("\n");
        text.append(snapshot.goroutines[goroutines[i]], buffer);
      }
      turns.write(stretch, buffer.text());
    }
  };
  const std::size_t threads = std::min(
      {stretches, kMostThreads, std::max<std::size_t>(std::thread::hardware_concurrency(), 1)});
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
}

}  // namespace chanspect::report
