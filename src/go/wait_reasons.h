#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "go/release.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace chanspect::go {

/// What a wait reason's number means in one target.
struct WaitReason {
  std::string text;  ///< the runtime's own words, "chan receive"
  snapshot::WaitKind kind = snapshot::WaitKind::other;
};

/// The kind that belongs to the runtime's words; `semaphore` for a bare "semacquire", which frames
/// must tell apart.
snapshot::WaitKind kind_of_reason(std::string_view text);

/// The target's own runtime.waitReasonStrings at `strings` (an array of string headers), or the
/// built-in table of its release where `strings` is 0 or does not make sense. Never empty.
Result<std::vector<WaitReason>> read_wait_reasons(const target::Memory& memory, Address strings,
                                                  const Release& release);

/// Whether `strings` can be runtime.waitReasonStrings of a program of `release`.
bool are_wait_reasons(const target::Memory& memory, Address strings, const Release& release);

}  // namespace chanspect::go
