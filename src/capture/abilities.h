#pragma once

#include <optional>

#include "base/diagnosis.h"
#include "capture/open.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// What works with an opened target, proven by one look at all of its goroutines. Sets the error
/// where that look fails.
void add_abilities(Diagnosis& diagnosis, const OpenedProgram& opened, unsigned threads);

/// Nothing works with a target that could not be opened.
void add_no_abilities(Diagnosis& diagnosis);

/// The part of add_abilities that a snapshot with stacks and channels tells.
std::vector<Check> abilities_of(const snapshot::Snapshot& snapshot);

}  // namespace chanspect::capture
