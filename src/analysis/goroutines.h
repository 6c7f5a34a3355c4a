#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "snapshot/snapshot.h"

namespace chanspect::analysis {

/// Which goroutines. All conditions must hold; several values of one condition are alternatives.
struct GoroutineQuery {
  std::vector<std::string> states;      ///< "waiting" or "_Gwaiting", any case
  std::vector<std::string> reasons;     ///< part of the wait reason, any case
  std::vector<std::string> functions;   ///< part of a function's name in the stack
  std::vector<std::string> labels;      ///< "key=value" or "key"
  std::vector<std::string> created_by;  ///< part of the creating function's name
  std::optional<snapshot::Address> channel;
  std::int64_t older_than_ns = 0;  ///< keeps those known to have waited at least this long
  bool with_system = false;        ///< the runtime's own too; those named in `ids` are always shown
  bool blocked_only = false;       ///< waiting on a channel, lock, WaitGroup, Cond, or for ever
  std::vector<std::uint64_t> ids;  ///< only these; empty: all
};

/// Indices into snapshot.goroutines, ascending by goroutine id.
std::vector<std::uint32_t> select_goroutines(const snapshot::Snapshot& snapshot,
                                             const GoroutineQuery& query);

/// The same, in the order of the snapshot (that of the runtime's allgs).
std::vector<std::uint32_t> filter_goroutines(const snapshot::Snapshot& snapshot,
                                             const GoroutineQuery& query);

enum class GroupKey : std::uint8_t { site, reason, creator, label, channel, stack };

struct GoroutineGroup {
  std::string key;                            ///< the text to print
  snapshot::FrameId frame = snapshot::kNone;  ///< for site and creator
  std::vector<std::uint32_t> members;         ///< indices into snapshot.goroutines, ascending by id
  std::int64_t longest_wait_ns = snapshot::kUnknown;
};

/// Groups by one or more keys together, largest group first.
std::vector<GoroutineGroup> group_goroutines(const snapshot::Snapshot& snapshot,
                                             const std::vector<std::uint32_t>& goroutines,
                                             const std::vector<GroupKey>& keys);

/// The text of one key of a goroutine, as `GoroutineGroup::key` joins them.
std::string group_key_text(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine,
                           GroupKey key);

/// Fills in a group's `key` and `frame` from its first member.
void describe_group(const snapshot::Snapshot& snapshot, const std::vector<GroupKey>& keys,
                    GoroutineGroup& group);

}  // namespace chanspect::analysis
