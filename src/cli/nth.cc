#include <limits>
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
  report::NthQuery query;
};

Result<ExitCode> run(const Flags& flags, const CommonOptions& common) {
  capture::Options needs;
  needs.stacks = capture::Options::Stacks::full;
  needs.arguments = true;
  return inspect(
      flags.target, needs, common,
      [&](const snapshot::Snapshot& snapshot, const report::Style& style, report::Output& out) {
        return report::print_nth(snapshot, flags.query, style, out);
      });
}

Positional n_positional(std::uint64_t* into) {
  Positional positional;
  positional.name = "N";
  positional.help = "which one, counted from 1 (1 if not given)";
  positional.required = false;
  positional.take = [into](std::string_view given) -> Result<void> {
    CS_TRY(*into, parse_number(given, 1, std::numeric_limits<std::uint64_t>::max()));
    return {};
  };
  return positional;
}

}  // namespace

Command nth_command() {
  using analysis::ChannelOrder;
  const auto flags = std::make_shared<Flags>();
  return {
      .name = "nth",
      .brief = "the goroutine and exact stack of the Nth unclosed channel",
      .description =
          "Counts the unclosed channels on which a goroutine of the user is stuck and prints the "
          "Nth: the channel, its goroutines and their exact stacks. Channels of timers do not "
          "count, since their timer will free whoever waits there.",
      .positionals = {target_positional(&flags->target), n_positional(&flags->query.n)},
      .options =
          {
              choice<ChannelOrder>("--order",
                                   {{"oldest", ChannelOrder::oldest},
                                    {"age", ChannelOrder::age},
                                    {"address", ChannelOrder::address},
                                    {"waiters", ChannelOrder::waiters}},
                                   &flags->query.order,
                                   "count by the lowest id among the stuck goroutines (oldest, the "
                                   "default), by the longest wait, by address, or by the number of "
                                   "waiters, most first"),
              number("--frame", &flags->query.frame,
                     "print only the Kth frame, from 1; frames of the runtime do not count"),
          },
      .examples = {{"chanspect nth payments 1", "the first stuck channel, with its stack"},
                   {"chanspect nth 4242 3 --frame 1", "just the line where the third one waits"},
                   {"chanspect nth 4242 1 --order waiters", "the one with most waiters"}},
      .run = [flags](const CommonOptions& common) { return run(*flags, common); },
  };
}

}  // namespace chanspect::cli
