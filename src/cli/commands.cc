#include "cli/commands.h"

namespace chanspect::cli {

std::vector<Command> all_commands() {
  return {overview_command(), ps_command(),          channels_command(),   channel_command(),
          nth_command(),      blocked_command(),     goroutines_command(), stack_command(),
          doctor_command(),   completions_command(), man_page_command()};
}

}  // namespace chanspect::cli
