#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/string_table.h"
#include "go/function_table.h"
#include "go/layout.h"
#include "go/runtime_variables.h"
#include "go/wait_reasons.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace chanspect::capture {

/// The target's Go runtime as it stays while the process runs: everything that reading goroutines
/// needs to know beforehand.
struct Runtime {
  const target::Memory* memory = nullptr;
  go::RuntimeLayout layout;
  go::RuntimeVariables variables;
  std::vector<go::WaitReason> wait_reasons;  ///< by number
  const go::FunctionTable* functions = nullptr;
  std::int64_t clock_offset_ns = 0;  ///< target's CLOCK_MONOTONIC less ours
  /// Of a core: a moment that the target is known to have lived to, by its CLOCK_MONOTONIC; 0 where
  /// none is known. Its end was that or later.
  std::optional<std::int64_t> lived_to_ns;

  /// How long ago `since` was, both by the target's CLOCK_MONOTONIC: a lower bound. `read_at` is
  /// when that was read, by ours.
  std::int64_t elapsed_ns(std::int64_t since, std::int64_t read_at) const {
    if (lived_to_ns && *lived_to_ns == 0) return snapshot::kUnknown;
    return std::max<std::int64_t>(0, lived_to_ns.value_or(read_at + clock_offset_ns) - since);
  }

  const go::WaitReason& reason(std::uint8_t number) const {
    static const go::WaitReason kUnheardOf{"unknown wait reason", snapshot::WaitKind::other};
    return number < wait_reasons.size() ? wait_reasons[number] : kUnheardOf;
  }
};

}  // namespace chanspect::capture
