// Looks at the storm program again and again, in this process, and checks every row of every look.
//
//   storm_capture RELEASE CAPTURES none|freeze
//
// Ends with 1 when a row was seen that can never have been true, or one that must be was not.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "capture/capture.h"
#include "e2e/storm_lines.h"
#include "e2e/storm_rules.h"
#include "support/go_program.h"

namespace {

using namespace chanspect;
using storm::Look;
using storm::Scene;
using storm::Seen;

constexpr std::size_t kTellAtMost = 20;

capture::Options options_for(int number, snapshot::StopMode stop) {
  capture::Options options;
  options.stop = stop;
  options.labels = true;
  options.stacks =
      number % 3 == 0 ? capture::Options::Stacks::full : capture::Options::Stacks::site;
  options.arguments = number % 6 == 0;
  options.threads = 1 + static_cast<unsigned>(number % 2);
  return options;
}

/// The rules must be able to fail: rows that are mixed on purpose are found out.
bool rules_find_mixed_rows(snapshot::Snapshot& snapshot, const Scene& scene) {
  std::vector<snapshot::Goroutine*> waiting;
  for (snapshot::Goroutine& goroutine : snapshot.goroutines)
    if (scene.parked.contains(goroutine.id)) waiting.push_back(&goroutine);
  if (waiting.size() < 2) return false;
  std::swap(waiting[0]->first_wait, waiting[1]->first_wait);
  Seen seen;
  const bool found = !storm::impossible_rows(snapshot, scene, {}, seen).empty();
  std::swap(waiting[0]->first_wait, waiting[1]->first_wait);
  return found;
}

void tell(const Seen& seen, int captures) {
  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  };
  fmt::print("{} captures, {} rows ({} settled in a wait), unsettled {:.3f} %\n", captures,
             seen.rows, seen.waiting, share(seen.rows - seen.settled, seen.rows));
  fmt::print("{} channels, unsettled {:.3f} %; locks without an address {}\n", seen.channels,
             share(seen.channels - seen.settled_channels, seen.channels),
             seen.locks_without_address);
  for (const auto& line : storm::all_lines()) {
    const auto found = seen.by_line.find(std::string(line.name));
    fmt::print("  {:<16}{:>10}\n", line.name, found == seen.by_line.end() ? 0 : found->second);
  }
}

int run(const std::string& release, int captures, snapshot::StopMode stop) {
  testing::GoProcess program({testing::go_program("storm", release)});
  if (!program.line().starts_with("ready")) {
    fmt::print(stderr, "the storm did not start\n");
    return 2;
  }
  const Scene scene =
      storm::read_scene(program.line(), std::string(SOURCE_DIR) + "/tests/programs/storm");
  const auto process = capture::Program::open(program.pid());
  if (!process) {
    fmt::print(stderr, "{}\n", process.error().message());
    return 2;
  }
  Seen seen;
  std::size_t wrong = 0;
  for (int i = 0; i < captures; ++i) {
    auto snapshot = process->capture(options_for(i, stop));
    if (!snapshot) {
      fmt::print("capture {}: {}\n", i, snapshot.error().message());
      ++wrong;
      continue;
    }
    const Look look{.whole_stacks = i % 3 == 0};
    for (const std::string& row : storm::impossible_rows(*snapshot, scene, look, seen))
      if (++wrong <= kTellAtMost) fmt::print("capture {}: {}\n", i, row);
    if (i == 0 && !rules_find_mixed_rows(*snapshot, scene)) {
      fmt::print("the rules do not find mixed rows\n");
      ++wrong;
    }
  }
  tell(seen, captures);
  if (wrong > 0) fmt::print("{} rows were never true\n", wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: storm_capture RELEASE CAPTURES none|freeze\n");
    return 2;
  }
  const auto stop =
      std::string_view(argv[3]) == "freeze" ? snapshot::StopMode::freeze : snapshot::StopMode::none;
  return run(argv[1], std::atoi(argv[2]), stop);
}
