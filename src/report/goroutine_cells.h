#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "snapshot/snapshot.h"

/// What the rows of goroutines say in text and tsv.
namespace chanspect::report {

/// The channels that it waits on, each once, "0xc0001,0xc0002"; at most `most` and then "+3".
std::string channel_addresses(const snapshot::Snapshot& snapshot,
                              const snapshot::Goroutine& goroutine, std::size_t most);

/// For the screen: its channels, or the lock that it waits for, or "-".
std::string waited_addresses(const snapshot::Snapshot& snapshot,
                             const snapshot::Goroutine& goroutine);

/// "receive,send": the directions that belong to `channel_addresses`, one an address.
std::string directions(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);

/// The lock that it waits for; 0 where the runtime does not tell.
snapshot::Address lock_address(const snapshot::Snapshot& snapshot,
                               const snapshot::Goroutine& goroutine);

std::string_view creator_name(const snapshot::Snapshot& snapshot,
                              const snapshot::Goroutine& goroutine);

/// "request=17, user=42".
std::string label_words(const snapshot::Snapshot& snapshot, snapshot::LabelsId labels);

}  // namespace chanspect::report
