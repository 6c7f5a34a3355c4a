#pragma once

#include <cstdint>

#include "capture/runtime.h"

namespace chanspect::capture {

/// The latest moment, by the target's CLOCK_MONOTONIC in ns, that its runtime has noted anywhere
/// that we know of: when the scheduler last polled the network, and when its monitor last saw each
/// processor move on (runtime2.go: schedt.lastpoll; proc.go: sysmontick). 0 where none is known. A
/// core keeps no clock: the process lived at least until then.
std::int64_t last_moment_ns(const Runtime& runtime);

}  // namespace chanspect::capture
