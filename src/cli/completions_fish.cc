#include <fmt/format.h>

#include <string>
#include <string_view>

#include "cli/completions.h"

namespace chanspect::cli {
namespace {

std::string quoted(std::string_view text) {
  std::string escaped = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped + "'";
}

std::string line_of(const Option& option, const std::string& condition) {
  std::string text =
      fmt::format("complete -c chanspect -n '{}' -l {}", condition, option.name.substr(2));
  if (option.letter != 0) text += fmt::format(" -s {}", option.letter);
  if (!option.choices.empty())
    text += fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
  else if (option.value == "FILE")
    text += " -r -F";
  else if (!option.value.empty())
    text += " -x";
  return text + " -d " + quoted(option.help) + "\n";
}

}  // namespace

std::string fish_completion(const std::vector<Command>& commands) {
  std::string names;
  for (const Command& command : commands) names += (names.empty() ? "" : " ") + command.name;
  const std::string no_command = "not __fish_seen_subcommand_from " + names;
  std::string text = R"sh(# fish completion for chanspect; made by: chanspect completions fish

function __chanspect_targets
    chanspect ps --format tsv --quiet 2>/dev/null | tail -n +2 | while read -d \t -l pid name rest
        echo $pid\t$name
        echo $name\t$pid
    end
end

complete -c chanspect -f
complete -c chanspect -s h -l help -d 'help'
)sh";
  for (const Command& command : commands) {
    if (!command.hidden)
      text += fmt::format("complete -c chanspect -n '{}' -a {} -d {}\n", no_command, command.name,
                          quoted(command.brief));
    const std::string seen = "__fish_seen_subcommand_from " + command.name;
    const std::string condition = &command == &commands.front() ? no_command : seen;
    for (const Option& option : options_of(command)) text += line_of(option, condition);
    if (command.reads_target)
      text += fmt::format("complete -c chanspect -n '{}' -a '(__chanspect_targets)'\n", condition);
    if (!command.positionals.empty() && !command.positionals.front().choices.empty())
      text += fmt::format("complete -c chanspect -n '{}' -a '{}'\n", seen,
                          fmt::join(command.positionals.front().choices, " "));
  }
  return text;
}

}  // namespace chanspect::cli
