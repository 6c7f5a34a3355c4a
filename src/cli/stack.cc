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
  report::StackQuery query;
  bool all = false;
};

Result<ExitCode> run(const Flags& flags, const CommonOptions& common) {
  report::StackQuery query = flags.query;
  query.goroutines.blocked_only = !flags.all && query.goroutines.ids.empty();
  // A goroutine that was asked for by its id is shown, whoever's it is.
  if (!query.goroutines.ids.empty()) query.goroutines.with_system = true;
  capture::Options needs;
  needs.stacks = capture::Options::Stacks::full;
  needs.arguments = true;
  needs.channels = query.channels;
  needs.labels = true;  // from 1.26 on the runtime may print them
  return inspect(
      flags.target, needs, common,
      [&](const snapshot::Snapshot& snapshot, const report::Style& style, report::Output& out) {
        return report::print_stacks(snapshot, query, style, out);
      });
}

Positional goroutine_positional(std::vector<std::uint64_t>* into) {
  Positional positional;
  positional.name = "GID";
  positional.help = "ids of goroutines; those that are blocked, if none is given";
  positional.required = false;
  positional.repeated = true;
  positional.take = [into](std::string_view given) -> Result<void> {
    CS_TRY(const std::uint64_t id,
           parse_number(given, 1, std::numeric_limits<std::uint64_t>::max()));
    into->push_back(id);
    return {};
  };
  return positional;
}

}  // namespace

Command stack_command() {
  const auto flags = std::make_shared<Flags>();
  report::StackQuery& query = flags->query;
  return {
      .name = "stack",
      .brief = "stacks as runtime.Stack prints them",
      .description =
          "Prints goroutines with their stacks in the text of runtime.Stack and of debug=2, so "
          "that "
          "every tool which reads that reads this: header, frames with arguments, file and line, "
          "and who made the goroutine.",
      .positionals = {target_positional(&flags->target),
                      goroutine_positional(&query.goroutines.ids)},
      .options =
          {
              flag("--all", &flags->all, "every goroutine of the user, blocked or not"),
              flag("--system", &query.goroutines.with_system, "the runtime's own goroutines too"),
              number("--frame", &query.frame,
                     "only the Kth frame of each, from 1; frames of the runtime do not count"),
              flag("--channels", &query.channels, "each wait names its channel"),
          },
      .examples = {{"chanspect stack 4242 17 18", "the stacks of two goroutines"},
                   {"chanspect stack payments --channels", "all that are blocked, and on what"},
                   {"chanspect stack payments --all -q -o dump.txt",
                    "a whole dump, for other tools"}},
      .run = [flags](const CommonOptions& common) { return run(*flags, common); },
  };
}

}  // namespace chanspect::cli
