#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/target_argument.h"
#include "report/reports.h"

namespace chanspect::cli {
namespace {

using analysis::GroupKey;

struct Flags {
  std::string target;
  analysis::GoroutineQuery query;
  std::vector<GroupKey> group_by;
};

Result<ExitCode> run(const Flags& flags, const CommonOptions& common) {
  const bool whole_stacks =
      !flags.query.functions.empty() || std::ranges::count(flags.group_by, GroupKey::stack) > 0;
  capture::Options needs;
  needs.stacks = whole_stacks ? capture::Options::Stacks::full : capture::Options::Stacks::site;
  needs.labels = true;
  return inspect(
      flags.target, needs, common,
      [&](const snapshot::Snapshot& snapshot, const report::Style& style, report::Output& out) {
        return report::print_goroutines(snapshot, flags.query, flags.group_by, style, out);
      });
}

/// The runtime's own states, with or without the "_G" that its source puts in front.
Option state_option(std::vector<std::string>* into) {
  Option option = texts("--state", "STATE", into,
                        "only goroutines in this state: idle, runnable, running, syscall, waiting, "
                        "copystack, preempted or leaked; _Gwaiting is waiting");
  option.choices = {"idle",    "runnable",  "running",   "syscall",
                    "waiting", "copystack", "preempted", "leaked"};
  option.listed_by_comma = true;
  option.take = [into, states = option.choices](std::string_view given) -> Result<void> {
    std::string state(given);
    std::ranges::transform(state, state.begin(), [](unsigned char c) { return std::tolower(c); });
    if (state.starts_with("_g")) state.erase(0, 2);
    if (std::ranges::count(states, state) == 0)
      return std::unexpected(no_such_choice(given, states));
    into->push_back(std::move(state));
    return {};
  };
  return option;
}

Option group_option(std::vector<GroupKey>* into) {
  Option option = several<GroupKey>("--group-by",
                                    {{"site", GroupKey::site},
                                     {"reason", GroupKey::reason},
                                     {"creator", GroupKey::creator},
                                     {"label", GroupKey::label},
                                     {"channel", GroupKey::channel},
                                     {"stack", GroupKey::stack}},
                                    into,
                                    "count instead of list: by place of waiting, wait reason, "
                                    "creator, pprof labels, channel, or equal stacks; several with "
                                    "commas");
  option.value = "KEY";
  return option;
}

}  // namespace

Command goroutines_command() {
  const auto flags = std::make_shared<Flags>();
  analysis::GoroutineQuery& query = flags->query;
  Option reason = texts("--reason", "WORDS", &query.reasons,
                        "only goroutines with this in their wait reason (\"chan receive\")");
  reason.listed_by_comma = true;
  return {
      .name = "goroutines",
      .brief = "all goroutines, filtered or counted in groups",
      .description =
          "Lists goroutines: id, status and wait reason in the runtime's own words, how long they "
          "wait, pprof labels, who made them, and the top frame that is not the runtime's. Filters "
          "must all hold; one filter given several times takes any of its values.",
      .positionals = {target_positional(&flags->target)},
      .options =
          {
              state_option(&query.states),
              std::move(reason),
              texts("--function", "FUNC", &query.functions,
                    "only goroutines with this in a function of their stack"),
              texts("--label", "KEY[=VALUE]", &query.labels,
                    "only goroutines with this pprof label"),
              duration("--older-than", &query.older_than_ns,
                       "only goroutines known to have waited at least this long"),
              address("--chan", &query.channel, "only goroutines that wait on this channel"),
              texts("--created-by", "FUNC", &query.created_by,
                    "only goroutines made by a function with this in its name"),
              flag("--system", &query.with_system, "the runtime's own goroutines too"),
              group_option(&flags->group_by),
          },
      .examples =
          {{"chanspect goroutines payments --group-by site", "where they all are"},
           {"chanspect goroutines 4242 --group-by reason,creator", ""},
           {"chanspect goroutines 4242 --state waiting --reason 'chan send' --older-than 1m", ""},
           {"chanspect goroutines 4242 --chan 0xc00012a000 --format tsv", ""}},
      .run = [flags](const CommonOptions& common) { return run(*flags, common); },
  };
}

}  // namespace chanspect::cli
