#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/target_argument.h"
#include "report/reports.h"

namespace chanspect::cli {
namespace {

struct Flags {
  std::string target;
  analysis::GoroutineQuery query;
};

Result<ExitCode> run(const Flags& flags, const CommonOptions& common) {
  capture::Options needs;
  needs.stacks = capture::Options::Stacks::site;
  return inspect(
      flags.target, needs, common,
      [&](const snapshot::Snapshot& snapshot, const report::Style& style, report::Output& out) {
        return report::print_blocked(snapshot, flags.query, style, out);
      });
}

}  // namespace

Command blocked_command() {
  const auto flags = std::make_shared<Flags>();
  flags->query.blocked_only = true;
  return {
      .name = "blocked",
      .brief = "every blocked goroutine: since when, on what, where",
      .description =
          "One row for each goroutine that is blocked on a channel, a lock, a WaitGroup, a Cond or "
          "for ever: its id, the kind of its wait, the channel, how long, and the place.",
      .positionals = {target_positional(&flags->target)},
      .options = {duration("--older-than", &flags->query.older_than_ns,
                           "only goroutines known to have waited at least this long")},
      .examples = {{"chanspect blocked payments --older-than 60s", "goroutines that wait for long"},
                   {"chanspect blocked payments --watch 5s --older-than 5s",
                    "who did not move for five seconds, whatever the GC has noted"}},
      .run = [flags](const CommonOptions& common) { return run(*flags, common); },
  };
}

}  // namespace chanspect::cli
