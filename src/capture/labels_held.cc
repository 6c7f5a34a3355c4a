#include "capture/labels_held.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>

#include "capture/g_facts.h"
#include "capture/gather.h"
#include "capture/parallel.h"

namespace chanspect::capture {
namespace {

struct Seen {
  std::uint32_t row = 0;
  Address labels = 0;
};

std::vector<Seen> seen_with_labels(const Look& look) {
  std::vector<Seen> seen;
  const auto& rows = look.snapshot.goroutines;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    if (rows[i].labels == snapshot::kNone || rows[i].status == snapshot::Status::dead) continue;
    const auto& of_harvester = look.harvesters[look.harvester_number(i)]->labels().values();
    if (rows[i].labels < of_harvester.size()) seen.push_back({i, of_harvester[rows[i].labels]});
  }
  return seen;
}

/// Which of `seen`, by number, still are the same goroutine with the same labels.
Result<std::vector<bool>> who_still_has_them(const Look& look, std::span<const Seen> seen) {
  std::vector<bool> still(seen.size());
  std::mutex mutex;
  const std::size_t parts = (seen.size() + Look::kStretch - 1) / Look::kStretch;
  CS_CHECK(
      for_each_in_parallel(look.workers, parts, [&](unsigned, std::size_t part) -> Result<void> {
        const std::size_t first = part * Look::kStretch;
        const auto some =
            seen.subspan(first, std::min<std::size_t>(Look::kStretch, seen.size() - first));
        Gather gather(*look.runtime->memory);
        for (const Seen& one : some)
          gather.add(look.snapshot.goroutines[one.row].address, facts_size(look.runtime->layout.g));
        CS_CHECK(gather.read());
        const std::lock_guard lock(mutex);
        for (std::uint32_t i = 0; i < some.size(); ++i) {
          const auto& row = look.snapshot.goroutines[some[i].row];
          const GFacts g = parse_g(row.address, gather[i], look.runtime->layout.g);
          still[first + i] = g.alive() && g.goid == row.id && g.labels == some[i].labels;
        }
        return {};
      }));
  return still;
}

}  // namespace

Result<std::vector<std::uint32_t>> rows_with_labels_let_go(const Look& look) {
  if (!look.plan.labels || !look.plan.verify) return {};
  const std::vector<Seen> seen = seen_with_labels(look);
  CS_TRY(const std::vector<bool> still, who_still_has_them(look, seen));
  std::unordered_set<Address> held;
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (still[i]) held.insert(seen[i].labels);
  std::vector<std::uint32_t> let_go;
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (!still[i] && !held.contains(seen[i].labels)) let_go.push_back(seen[i].row);
  return let_go;
}

}  // namespace chanspect::capture
