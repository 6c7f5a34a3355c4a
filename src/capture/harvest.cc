// Reads allgs (runtime/proc.go) and every goroutine on it.

#include <algorithm>
#include <atomic>

#include "capture/allgs.h"
#include "capture/look.h"
#include "capture/parallel.h"

namespace chanspect::capture {
namespace {

/// Where a stretch's waits and argument words begin among those of all.
struct Begin {
  std::size_t wait = 0, word = 0;
};

/// Puts one stretch's waits and argument words where they belong, and tells its rows.
void move_into_place(Look& look, std::size_t stretch, Harvest harvest, const Begin& begin) {
  snapshot::Snapshot& snapshot = look.snapshot;
  const std::size_t first = stretch * Look::kStretch;
  const std::size_t end = std::min(first + Look::kStretch, snapshot.goroutines.size());
  for (std::size_t row = first; row < end; ++row) {
    snapshot.goroutines[row].first_wait += static_cast<std::uint32_t>(begin.wait);
    auto& argument = snapshot.goroutines[row].first_argument;
    if (argument != snapshot::kNone) argument += static_cast<std::uint32_t>(begin.word);
  }
  std::ranges::copy(harvest.waits, std::span(snapshot.waits).subspan(begin.wait).begin());
  std::ranges::copy(harvest.links, std::span(look.links).subspan(begin.wait).begin());
  std::ranges::copy(harvest.argument_words,
                    std::span(snapshot.argument_words).subspan(begin.word).begin());
}

/// Puts the waits of all stretches in one list, in the order of the rows.
Result<void> join_stretches(Look& look, std::vector<Harvest>& harvests) {
  snapshot::Snapshot& snapshot = look.snapshot;
  std::vector<Begin> begins;
  Begin total;
  for (std::size_t i = 0; i < harvests.size(); ++i) {
    const Harvest& harvest = harvests[i];
    look.stretch_harvester[i] = harvest.harvester;
    snapshot.completeness.unreadable += harvest.unreadable;
    snapshot.completeness.dead += harvest.no_one;
    look.wide += harvest.wide;
    begins.push_back(total);
    total.wait += harvest.waits.size();
    total.word += harvest.argument_words.size();
  }
  snapshot.waits.resize(total.wait);
  look.links.resize(total.wait);
  snapshot.argument_words.resize(total.word);
  return for_each_in_parallel(look.workers, harvests.size(),
                              [&](unsigned, std::size_t i) -> Result<void> {
                                move_into_place(look, i, std::move(harvests[i]), begins[i]);
                                return {};
                              });
}

}  // namespace

Result<void> harvest(Look& look) {
  CS_TRY(look.goroutines, read_allgs(*look.runtime));
  const std::size_t count = look.goroutines.size();
  look.snapshot.completeness.goroutines_listed = count;
  look.snapshot.goroutines.resize(count);
  for (unsigned worker = 0; worker < look.workers; ++worker)
    look.harvesters.push_back(
        std::make_unique<Harvester>(*look.runtime, look.semaphores, look.plan, worker));

  std::vector<Harvest> harvests((count + Look::kStretch - 1) / Look::kStretch);
  look.stretch_harvester.resize(harvests.size());
  std::atomic<std::size_t> done = 0;
  CS_CHECK(for_each_in_parallel(
      look.workers, harvests.size(), [&](unsigned worker, std::size_t i) -> Result<void> {
        const std::size_t begin = i * Look::kStretch;
        const std::size_t size = std::min<std::size_t>(Look::kStretch, count - begin);
        const auto rows = std::span(look.snapshot.goroutines).subspan(begin, size);
        fill_new(rows, snapshot::Goroutine{});
        harvests[i].harvester = worker;
        CS_CHECK(look.harvesters[worker]->read(std::span(look.goroutines).subspan(begin, size),
                                               static_cast<std::uint32_t>(begin), rows,
                                               harvests[i]));
        done += size;
        if (worker == 0 && look.options->progress)
          look.options->progress("goroutines", done, count);
        return {};
      }));
  return join_stretches(look, harvests);
}

}  // namespace chanspect::capture
