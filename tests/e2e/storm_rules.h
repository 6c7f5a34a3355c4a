#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "snapshot/snapshot.h"

/// What can be seen of tests/programs/storm, and what cannot.
namespace chanspect::storm {

/// A goroutine that never moves.
struct Parked {
  std::string function;
  snapshot::Address channel = 0;
};

/// What the program says of itself, and the lines at which its goroutines park.
struct Scene {
  std::map<std::uint64_t, Parked> parked;
  snapshot::Address queue_channel = 0;
  std::vector<std::uint64_t> queue_order;
  std::set<std::set<snapshot::Address>> pairs;  ///< channels that one select has together
  std::set<snapshot::Address> mutexes, rwmutexes, conds;
  std::map<std::string, std::string> line_names;  ///< "classes.go:17" -> "recvA"
};

/// Reads the line of JSON that the program prints after "ready", and the marks in its source.
Scene read_scene(const std::string& json, const std::string& source_folder);

/// What one look is asked for; it decides what can be checked.
struct Look {
  bool whole_stacks = false;
};

/// How much was there to check.
struct Seen {
  std::uint64_t rows = 0, waiting = 0, settled = 0, channels = 0, settled_channels = 0;
  std::uint64_t locks_without_address = 0;
  std::map<std::string, std::uint64_t> by_line;  ///< how often each place of waiting was seen
};

/// Every row that cannot have been true, in words; none when all is well.
std::vector<std::string> impossible_rows(const snapshot::Snapshot& snapshot, const Scene& scene,
                                         const Look& look, Seen& seen);

}  // namespace chanspect::storm
