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
  analysis::ChannelQuery query;
};

Result<ExitCode> run(const Flags& flags, const CommonOptions& common) {
  capture::Options needs;
  // --at asks for a function anywhere in the stack of a waiter, else the place of waiting is
  // enough.
  needs.stacks = flags.query.at_function.empty() ? capture::Options::Stacks::site
                                                 : capture::Options::Stacks::full;
  return inspect(
      flags.target, needs, common,
      [&](const snapshot::Snapshot& snapshot, const report::Style& style, report::Output& out) {
        return report::print_channels(snapshot, flags.query, style, out);
      });
}

}  // namespace

Command channels_command() {
  using analysis::ChannelOrder;
  const auto flags = std::make_shared<Flags>();
  analysis::ChannelQuery& query = flags->query;
  return {
      .name = "channels",
      .brief = "every channel that somebody waits on",
      .description =
          "Lists every channel that a goroutine waits on: its address, element type, length and "
          "capacity, open or closed, how many goroutines are blocked in a send, a receive or a "
          "select with a case on it, the longest wait and the place where most of them wait.",
      .positionals = {target_positional(&flags->target)},
      .options =
          {
              number("--min-waiters", &query.min_waiters, "only channels with N waiters or more"),
              duration("--older-than", &query.older_than_ns,
                       "only channels whose longest wait is known to be at least this"),
              choice<ChannelOrder>("--sort",
                                   {{"waiters", ChannelOrder::waiters},
                                    {"age", ChannelOrder::age},
                                    {"addr", ChannelOrder::address}},
                                   &query.order,
                                   "most waiters first (the default), longest wait first, or by "
                                   "address"),
              text("--type", "TYPE", &query.elem_type,
                   "only channels whose element type has this in its name"),
              text("--at", "FUNC", &query.at_function,
                   "only channels one of whose waiters has this in a function of its stack"),
          },
      .examples = {{"chanspect channels payments --older-than 60s", "channels with a long wait"},
                   {"chanspect channels 4242 --sort age --limit 5", "the five that waited longest"},
                   {"chanspect channels 4242 --at retry. --format json", "for a program to read"}},
      .run = [flags](const CommonOptions& common) { return run(*flags, common); },
  };
}

}  // namespace chanspect::cli
