#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"

namespace chanspect::capture {

/// As many workers as bring something: reading is bound by memory, not by cores.
inline unsigned worker_count(unsigned wanted) {
  constexpr unsigned kMost = 4;
  return wanted != 0 ? wanted : std::clamp(std::thread::hardware_concurrency(), 1U, kMost);
}

/// Does `work(worker, index)` for each index below `count`, handing the next index to whichever
/// worker is free. The calling thread is worker 0. Stops early at the first error and returns it.
inline Result<void> for_each_in_parallel(
    unsigned workers, std::size_t count,
    const std::function<Result<void>(unsigned, std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::optional<Error> first_error;
  const auto run = [&](unsigned worker) {
    for (std::size_t i = next++; i < count; i = next++) {
      auto done = work(worker, i);
      if (done) continue;
      const std::lock_guard lock(mutex);
      if (!first_error) first_error = std::move(done).error();
      next = count;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned worker = 1; worker < workers && worker < count; ++worker)
      threads.emplace_back(run, worker);
    run(0);
  }
  if (first_error) return std::unexpected(std::move(*first_error));
  return {};
}

}  // namespace chanspect::capture
