// Reads allgs (runtime/proc.go) and every goroutine on it.

#include <algorithm>
#include <atomic>

#include "capture/allgs.h"
#include "capture/look.h"
#include "capture/parallel.h"

namespace chanspect::capture {
namespace {

/// Puts the waits of all stretches in one list, in the order of the rows.
void join_waits(Look& look, std::vector<Harvest>& harvests) {
  std::size_t waits = 0;
  std::size_t words = 0;
  for (const Harvest& harvest : harvests) {
    waits += harvest.waits.size();
    words += harvest.argument_words.size();
  }
  snapshot::Snapshot& snapshot = look.snapshot;
  snapshot.waits.reserve(waits);
  look.links.reserve(waits);
  snapshot.argument_words.reserve(words);
  for (std::size_t i = 0; i < harvests.size(); ++i) {
    Harvest harvest = std::move(harvests[i]);
    look.stretch_harvester[i] = harvest.harvester;
    const auto first_wait = static_cast<std::uint32_t>(snapshot.waits.size());
    const auto first_word = static_cast<std::uint32_t>(snapshot.argument_words.size());
    const std::size_t begin = i * Look::kStretch;
    const std::size_t end = std::min(begin + Look::kStretch, snapshot.goroutines.size());
    for (std::size_t row = begin; row < end; ++row) {
      snapshot.goroutines[row].first_wait += first_wait;
      auto& argument = snapshot.goroutines[row].first_argument;
      if (argument != snapshot::kNone) argument += first_word;
    }
    snapshot.waits.insert(snapshot.waits.end(), harvest.waits.begin(), harvest.waits.end());
    look.links.insert(look.links.end(), harvest.links.begin(), harvest.links.end());
    snapshot.argument_words.insert(snapshot.argument_words.end(), harvest.argument_words.begin(),
                                   harvest.argument_words.end());
    snapshot.completeness.unreadable += harvest.unreadable;
    snapshot.completeness.dead += harvest.no_one;
    look.wide += harvest.wide;
  }
}

}  // namespace

Result<void> harvest(Look& look) {
  CS_TRY(look.goroutines, read_allgs(*look.runtime));
  const std::size_t count = look.goroutines.size();
  look.snapshot.completeness.goroutines_listed = count;
  look.snapshot.goroutines.reserve(count);
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
        harvests[i].harvester = worker;
        CS_CHECK(look.harvesters[worker]->read(
            std::span(look.goroutines).subspan(begin, size), static_cast<std::uint32_t>(begin),
            std::span(look.snapshot.goroutines).subspan(begin, size), harvests[i]));
        done += size;
        if (worker == 0 && look.options->progress)
          look.options->progress("goroutines", done, count);
        return {};
      }));
  join_waits(look, harvests);
  return {};
}

}  // namespace chanspect::capture
