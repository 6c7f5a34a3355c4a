#include <memory>
#include <string>

#include "cli/address.h"
#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/target_argument.h"
#include "report/reports.h"

namespace chanspect::cli {
namespace {

struct Flags {
  std::string target;
  snapshot::Address channel = 0;
};

Result<ExitCode> run(const Flags& flags, const CommonOptions& common) {
  capture::Options needs;
  needs.stacks = capture::Options::Stacks::site;
  return inspect(
      flags.target, needs, common,
      [&](const snapshot::Snapshot& snapshot, const report::Style& style, report::Output& out) {
        return report::print_channel(snapshot, flags.channel, style, out);
      });
}

Positional address_positional(snapshot::Address* into) {
  Positional positional;
  positional.name = "ADDR";
  positional.help = "the channel's address in hexadecimal, as chanspect channels prints it";
  positional.take = [into](std::string_view given) -> Result<void> {
    CS_TRY(*into, parse_address(given));
    return {};
  };
  return positional;
}

}  // namespace

Command channel_command() {
  const auto flags = std::make_shared<Flags>();
  return {
      .name = "channel",
      .brief = "one channel whole: its fields and both queues in order",
      .description =
          "Prints one channel that somebody waits on: its fields as the runtime keeps them (lock, "
          "qcount, dataqsiz, element type, sendx, recvx, closed) and both queues in their order, "
          "each waiter with its goroutine, direction, whether in a select, wait and place; and "
          "whether anyone is on the other side.",
      .positionals = {target_positional(&flags->target), address_positional(&flags->channel)},
      .options = {},
      .examples = {{"chanspect channel payments 0xc00012a000", "one channel and who waits on it"},
                   {"chanspect channel payments c00012a000 --limit all",
                    "the whole of long queues"}},
      .run = [flags](const CommonOptions& common) { return run(*flags, common); },
  };
}

}  // namespace chanspect::cli
