#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/man_page.h"

namespace chanspect::cli {

Command man_page_command() {
  return {
      .name = "man-page",
      .brief = "this program's man page, for the packages",
      .description = "Prints the man page that packages install.",
      .positionals = {},
      .options = {},
      .examples = {{"man <(chanspect man-page)", "read it without installing"}},
      .reads_target = false,
      .prints_report = false,
      .hidden = true,
      .run =
          [](const CommonOptions& common) { return print_text(man_page(all_commands()), common); },
  };
}

}  // namespace chanspect::cli
