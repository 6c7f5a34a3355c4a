#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/completions.h"
#include "cli/inspection.h"

namespace chanspect::cli {
namespace {

Positional shell_positional(std::string* into) {
  Positional positional;
  positional.name = "SHELL";
  positional.help = "bash, zsh or fish";
  positional.choices = {"bash", "zsh", "fish"};
  positional.take = [into, choices = positional.choices](std::string_view given) -> Result<void> {
    for (const std::string& choice : choices)
      if (choice == given) {
        *into = given;
        return {};
      }
    return std::unexpected(no_such_choice(given, choices));
  };
  return positional;
}

std::string script_for(const std::string& shell) {
  const std::vector<Command> commands = all_commands();
  if (shell == "bash") return bash_completion(commands);
  return shell == "zsh" ? zsh_completion(commands) : fish_completion(commands);
}

}  // namespace

Command completions_command() {
  const auto shell = std::make_shared<std::string>();
  return {
      .name = "completions",
      .brief = "a script that completes commands, options and targets in a shell",
      .description =
          "Prints the script that teaches a shell to complete chanspect's commands, options and "
          "the "
          "names of running Go programs. Installed packages bring it along.",
      .positionals = {shell_positional(shell.get())},
      .options = {},
      .examples = {{"source <(chanspect completions bash)", "completion for this shell"},
                   {"chanspect completions fish > ~/.config/fish/completions/chanspect.fish",
                    "for every one to come"}},
      .reads_target = false,
      .prints_report = false,
      .run =
          [shell](const CommonOptions& common) { return print_text(script_for(*shell), common); },
  };
}

}  // namespace chanspect::cli
