#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/channels.h"
#include "analysis/goroutines.h"
#include "base/diagnosis.h"
#include "base/result.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

/// One function a command: a Snapshot and a question in, the report out. What a report cannot
/// answer (no such channel, goroutine or N) is a `usage` error that says what there is instead.
namespace chanspect::report {

/// `chanspect TARGET`: one screen, the answer first.
Result<void> print_overview(const snapshot::Snapshot& snapshot, const Style& style, Output& out);

Result<void> print_channels(const snapshot::Snapshot& snapshot, const analysis::ChannelQuery& query,
                            const Style& style, Output& out);

Result<void> print_channel(const snapshot::Snapshot& snapshot, snapshot::Address address,
                           const Style& style, Output& out);

struct NthQuery {
  std::uint64_t n = 1;  ///< from 1
  analysis::ChannelOrder order = analysis::ChannelOrder::oldest;
  std::optional<std::uint32_t> frame;  ///< only this user frame, from 1
};
Result<void> print_nth(const snapshot::Snapshot& snapshot, const NthQuery& query,
                       const Style& style, Output& out);

Result<void> print_blocked(const snapshot::Snapshot& snapshot,
                           const analysis::GoroutineQuery& query, const Style& style, Output& out);

Result<void> print_goroutines(const snapshot::Snapshot& snapshot,
                              const analysis::GoroutineQuery& query,
                              const std::vector<analysis::GroupKey>& group_by, const Style& style,
                              Output& out);

struct StackQuery {
  analysis::GoroutineQuery goroutines;
  std::optional<std::uint32_t> frame;  ///< only this user frame of each, from 1
  bool channels = false;               ///< each wait names its channel
};
/// The text of runtime.Stack (debug=2).
Result<void> print_stacks(const snapshot::Snapshot& snapshot, const StackQuery& query,
                          const Style& style, Output& out);

/// A Go process of this machine, for `chanspect ps`.
struct ProcessRow {
  std::int32_t pid = 0;
  std::string name;
  std::string go_version;
  std::int64_t uptime_ns = snapshot::kUnknown;
  std::optional<std::uint64_t> goroutines;
  std::string access;  ///< "yes", or in a few words why not
  std::string hint;    ///< the command that would make it readable
};
Result<void> print_processes(const std::vector<ProcessRow>& rows, const Style& style, Output& out);

/// `chanspect doctor`: a line a check, below it what cures it, and at the end what to do next.
Result<void> print_diagnosis(const Diagnosis& diagnosis, const Style& style, Output& out);

}  // namespace chanspect::report
