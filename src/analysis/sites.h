#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "snapshot/snapshot.h"

namespace chanspect::analysis {

/// Where most of a set of goroutines wait.
struct CommonSite {
  snapshot::FrameId site = snapshot::kNone;
  std::uint32_t at_site = 0;  ///< how many of them wait there
  std::uint32_t sites = 0;    ///< distinct sites among them
};

/// Counts sites set by set, in time linear in their goroutines: one counter a frame, put back to
/// zero after each set.
class SiteCounter {
 public:
  explicit SiteCounter(const snapshot::Snapshot& snapshot) : counts_(snapshot.frames.size()) {}

  /// `sites` holds one entry a goroutine; kNone entries are left out.
  CommonSite commonest(std::span<const snapshot::FrameId> sites) {
    CommonSite found;
    for (const snapshot::FrameId site : sites) {
      if (site == snapshot::kNone) continue;
      const std::uint32_t count = ++counts_[site];
      if (count == 1) ++found.sites;
      if (count > found.at_site) {
        found.at_site = count;
        found.site = site;
      }
    }
    for (const snapshot::FrameId site : sites)
      if (site != snapshot::kNone) counts_[site] = 0;
    return found;
  }

 private:
  std::vector<std::uint32_t> counts_;
};

}  // namespace chanspect::analysis
