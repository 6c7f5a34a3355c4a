#include <fmt/format.h>

#include <map>
#include <set>
#include <string>

#include "cli/common_options.h"
#include "cli/completions.h"
#include "cli/filled.h"

namespace chanspect::cli {
namespace {

std::string names_of(const Option& option, const char* between) {
  return option.letter == 0 ? option.name
                            : fmt::format("-{}{}{}", option.letter, between, option.name);
}

std::string words_of(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

/// The options that take a value, each with what can stand there.
std::map<std::string, Option> options_with_values(const std::vector<Command>& commands) {
  std::map<std::string, Option> found;
  for (const Command& command : commands)
    for (const Option& option : options_of(command))
      if (!option.value.empty()) found.emplace(option.name, option);
  return found;
}

std::string value_cases(const std::vector<Command>& commands) {
  std::string text;
  for (const auto& [name, option] : options_with_values(commands)) {
    text += fmt::format("    {})\n", names_of(option, " | "));
    if (!option.choices.empty())
      text += fmt::format("      COMPREPLY=($(compgen -W '{}' -- \"$cur\"))\n",
                          words_of(option.choices));
    else if (option.value == "FILE")
      text += "      compopt -o filenames\n      COMPREPLY=($(compgen -f -- \"$cur\"))\n";
    text += "      return\n      ;;\n";
  }
  return text;
}

/// One line a command; the overview stands for whatever word is no command, so it comes last.
std::string command_cases(const std::vector<Command>& commands) {
  std::string text;
  std::string overview;
  for (const Command& command : commands) {
    std::string options = "--help";
    for (const Option& option : options_of(command)) options += " " + names_of(option, " ");
    std::string words;  // of the first positional, where those are known
    if (!command.positionals.empty()) words = words_of(command.positionals.front().choices);
    const bool is_overview = &command == &commands.front();
    (is_overview ? overview : text) +=
        fmt::format("    {}) options='{}' words='{}' targets={} ;;\n",
                    is_overview ? "*" : command.name, options, words, command.reads_target ? 1 : 0);
  }
  return text + overview;
}

constexpr const char* kScript =
    R"sh(# bash completion for chanspect; made by: chanspect completions bash

_chanspect_targets() {
  chanspect ps --format tsv --quiet 2>/dev/null | tail -n +2 | cut -f 1,2 | tr '\t' '\n'
}

_chanspect() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' place=0 options words targets i
  # --format=json comes as three words
  [[ $prev == '=' ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
  if [[ $cur == '=' ]]; then cur=''; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      @values@) ((i++)) ;;
      -* | '=') ;;
      *)
        [[ -z $command ]] && command=${COMP_WORDS[i]}
        ((place++))
        ;;
    esac
  done
  COMPREPLY=()
  case $prev in
@value_cases@  esac
  case $command in
@cases@  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif ((place == 0)); then
    COMPREPLY=($(compgen -W "@commands@ $(_chanspect_targets)" -- "$cur"))
  elif ((place == 1)) && [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  elif ((place == 1 && targets)); then
    COMPREPLY=($(compgen -W "$(_chanspect_targets)" -- "$cur"))
  fi
}

complete -F _chanspect chanspect
)sh";

}  // namespace

std::vector<Option> options_of(const Command& command) {
  CommonOptions unused;
  std::vector<Option> options = command.options;
  for (Option& option : common_options_of(command, &unused)) options.push_back(std::move(option));
  return options;
}

std::string names_with_values(const std::vector<Command>& commands) {
  std::string text;
  for (const auto& [name, option] : options_with_values(commands))
    text += (text.empty() ? "" : " | ") + names_of(option, " | ");
  return text;
}

std::string bash_completion(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands)
    if (!command.hidden) names.push_back(command.name);
  return filled(kScript, {{"values", names_with_values(commands)},
                          {"value_cases", value_cases(commands)},
                          {"cases", command_cases(commands)},
                          {"commands", words_of(names)}});
}

}  // namespace chanspect::cli
