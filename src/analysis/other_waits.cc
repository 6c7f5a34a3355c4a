#include "analysis/other_waits.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "analysis/census.h"
#include "analysis/frames.h"
#include "analysis/sites.h"

namespace chanspect::analysis {
namespace {

using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;

struct Entry {
  snapshot::Address object = 0;
  snapshot::FrameId site = kNone;
  std::uint32_t goroutine = 0;
  snapshot::WaitKind kind = snapshot::WaitKind::none;

  /// Equal for those that belong in one row: the object, or the site where there is none.
  auto row_key() const { return std::tuple(kind, object, object == 0 ? site : 0); }
};

bool waits_for_lock(const Goroutine& goroutine) {
  switch (activity_of(goroutine)) {
    case Activity::mutex:
    case Activity::wait_group:
    case Activity::cond:
    case Activity::semaphore:
      return true;
    default:
      return false;
  }
}

template <class Belongs>
std::vector<Entry> gather(const Snapshot& snapshot, Belongs belongs) {
  const auto sites = sites_by_stack(snapshot);
  std::vector<Entry> entries;
  for (std::uint32_t i = 0; i < snapshot.goroutines.size(); ++i) {
    const Goroutine& goroutine = snapshot.goroutines[i];
    if (goroutine.system || !belongs(goroutine)) continue;
    entries.push_back(
        {.object = goroutine.wait_count == 0 ? 0 : snapshot.waits[goroutine.first_wait].object,
         .site = goroutine.stack == kNone ? kNone : sites[goroutine.stack],
         .goroutine = i,
         .kind = goroutine.kind});
  }
  return entries;
}

WaitRow make_row(const Snapshot& snapshot, std::span<const Entry> entries, SiteCounter& counter) {
  WaitRow row{.kind = entries.front().kind,
              .object = entries.front().object,
              .goroutine = entries.front().goroutine,
              .waiters = static_cast<std::uint32_t>(entries.size())};
  std::vector<snapshot::FrameId> sites;
  sites.reserve(entries.size());
  for (const Entry& entry : entries) {
    sites.push_back(entry.site);
    row.longest_wait_ns =
        std::max(row.longest_wait_ns, snapshot.goroutines[entry.goroutine].wait_ns);
  }
  const CommonSite common = counter.commonest(sites);
  row.site = common.site;
  row.at_site = common.at_site;
  row.sites = common.sites;
  return row;
}

std::vector<WaitRow> rows_of(const Snapshot& snapshot, std::vector<Entry> entries) {
  const auto by_row = [](const Entry& a, const Entry& b) { return a.row_key() < b.row_key(); };
  std::ranges::stable_sort(entries, by_row);
  SiteCounter counter(snapshot);
  std::vector<WaitRow> rows;
  for (auto begin = entries.begin(); begin != entries.end();) {
    const auto end = std::upper_bound(begin, entries.end(), *begin, by_row);
    rows.push_back(make_row(snapshot, std::span(begin, end), counter));
    begin = end;
  }
  std::ranges::stable_sort(rows, std::ranges::greater(), &WaitRow::waiters);
  return rows;
}

}  // namespace

std::vector<WaitRow> list_locks(const Snapshot& snapshot) {
  return rows_of(snapshot, gather(snapshot, waits_for_lock));
}

std::vector<WaitRow> list_forever(const Snapshot& snapshot) {
  return rows_of(snapshot, gather(snapshot, waits_forever));
}

}  // namespace chanspect::analysis
