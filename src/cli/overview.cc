#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/target_argument.h"
#include "report/reports.h"

namespace chanspect::cli {

Command overview_command() {
  const auto target = std::make_shared<std::string>();
  return {
      .name = "overview",
      .brief = "one screen: how many goroutines wait for what, the worst channels first",
      .description =
          "Looks once at a running Go program, without stopping it, and prints one screen: what "
          "its "
          "goroutines wait for and the channels on which most of them are blocked, with how long "
          "and where. The word overview itself may be left out: chanspect TARGET.",
      .positionals = {target_positional(target.get())},
      .options = {},
      .examples = {{"chanspect 4242", "what process 4242 waits for, the worst channels first"},
                   {"chanspect payments", "the same, by the name of its executable"},
                   {"chanspect payments --watch 5s", "look twice: what grows, what stands still"},
                   {"chanspect -- ps", "a Go program that is itself named like a command"}},
      .run =
          [target](const CommonOptions& common) {
            capture::Options needs;
            needs.stacks = capture::Options::Stacks::site;
            return inspect(*target, needs, common, report::print_overview);
          },
  };
}

}  // namespace chanspect::cli
