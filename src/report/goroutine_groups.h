#pragma once

#include <vector>

#include "analysis/goroutines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace chanspect::report {

/// `goroutines --group-by`: one row a group, the largest first; with the key `stack`, the stack
/// under each.
void print_groups(const snapshot::Snapshot& snapshot,
                  const std::vector<analysis::GoroutineGroup>& groups,
                  const std::vector<analysis::GroupKey>& keys, const Style& style, Output& out);

}  // namespace chanspect::report
