#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace chanspect::capture {

/// Notes how long each step took and how many bytes it copied out of the target.
class Stopwatch {
 public:
  Stopwatch(const target::Memory* memory, std::vector<snapshot::Phase>& phases)
      : memory_(memory), phases_(&phases), bytes_(bytes_now()) {}

  /// For what begins before there is a memory to read.
  void now_reads(const target::Memory& memory) { memory_ = &memory; }

  /// Ends the step that began with the last one's end.
  void lap(std::string name) {
    const auto now = Clock::now();
    const std::uint64_t bytes = bytes_now();
    phases_->push_back(
        {std::move(name), std::chrono::nanoseconds(now - since_).count(), bytes - bytes_});
    since_ = now;
    bytes_ = bytes;
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::uint64_t bytes_now() const { return memory_ == nullptr ? 0 : memory_->bytes_read(); }

  const target::Memory* memory_;
  std::vector<snapshot::Phase>* phases_;
  Clock::time_point since_ = Clock::now();
  std::uint64_t bytes_;
};

}  // namespace chanspect::capture
