#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "capture/runtime.h"
#include "snapshot/snapshot.h"

namespace chanspect::capture {

/// Reads the label sets behind the given values of g.labels (runtime/pprof/label.go: up to 1.23 a
/// pointer to a map[string]string, from 1.24 on to a slice of {key, value}) and adds them to the
/// snapshot. Returns an id for each pointer, kNone where it cannot be read. A label set never
/// changes once it hangs on a goroutine.
Result<std::vector<snapshot::LabelsId>> read_labels(const Runtime& runtime,
                                                    std::span<const Address> pointers,
                                                    snapshot::Snapshot& snapshot);

}  // namespace chanspect::capture
