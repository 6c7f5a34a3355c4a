#include <fmt/format.h>

#include <string>
#include <string_view>

#include "cli/completions.h"
#include "cli/filled.h"

namespace chanspect::cli {
namespace {

/// Text inside single quotes of a spec of _arguments, where ':' and brackets mean something.
std::string in_spec(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
    if (c == '\'')
      escaped += "'\\''";
    else
      escaped += c;
  }
  return escaped;
}

/// "[help]:VALUE:(choices)"
std::string meaning_of(const Option& option) {
  std::string text = fmt::format("[{}]", in_spec(option.help));
  if (option.value.empty()) return text;
  text += fmt::format(":{}:", in_spec(option.value));
  if (!option.choices.empty()) return text + fmt::format("({})", fmt::join(option.choices, " "));
  return text + (option.value == "FILE" ? "_files" : " ");
}

std::string specs_of(const Command& command) {
  std::string text = "    '(- *)'{-h,--help}'[help]'\n";
  for (const Option& option : options_of(command)) {
    const char* equals = option.value.empty() ? "" : "=";
    text += option.letter == 0
                ? fmt::format("    '*{}{}{}'\n", option.name, equals, meaning_of(option))
                : fmt::format("    '*'{{-{},{}{}}}'{}'\n", option.letter, option.name, equals,
                              meaning_of(option));
  }
  return text;
}

std::string positionals_of(const Command& command) {
  std::string text;
  for (const Positional& positional : command.positionals) {
    const std::string action = positional.name == "TARGET" ? "_chanspect_targets"
                               : positional.choices.empty()
                                   ? " "
                                   : fmt::format("({})", fmt::join(positional.choices, " "));
    text +=
        fmt::format("    '{}:{}:{}'\n", positional.repeated ? "*" : "", positional.name, action);
  }
  return text;
}

std::string function_of(const Command& command) {
  return fmt::format(
      "_chanspect_{}() {{\n  local -a specs=(\n{}{}  )\n  _arguments -s -S $specs\n}}\n\n",
      command.name, specs_of(command), positionals_of(command));
}

constexpr const char* kScript = R"sh(#compdef chanspect
# zsh completion for chanspect; made by: chanspect completions zsh

_chanspect_targets() {
  local -a targets
  targets=(${(f)"$(chanspect ps --format tsv --quiet 2>/dev/null | tail -n +2 | cut -f 1,2 | tr '\t' '\n')"})
  compadd -a targets
}

@functions@_chanspect() {
  local -a commands=(
@descriptions@  )
  # The first word that is no option names the command; options may stand before it.
  local i command=''
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i] in
      @values@) ((i++)) ;;
      -*) ;;
      *) command=$words[i]; break ;;
    esac
  done
  case $command in
    @names@)
      words[i]=()
      ((CURRENT--))
      _chanspect_$command
      ;;
    '')
      if [[ $words[CURRENT] == -* || $i -gt $CURRENT ]]; then
        _chanspect_overview  # an option, or the value of one
      else
        _describe command commands
        _chanspect_targets
      fi
      ;;
    *) _chanspect_overview ;;
  esac
}

# Loaded from a folder of $fpath, this file is the function's body; sourced, it makes it known.
if [[ $funcstack[1] == _chanspect ]]; then
  _chanspect "$@"
else
  compdef _chanspect chanspect
fi
)sh";

}  // namespace

std::string zsh_completion(const std::vector<Command>& commands) {
  std::string functions;
  std::string descriptions;
  std::string names;
  for (const Command& command : commands) {
    functions += function_of(command);
    if (!command.hidden)
      descriptions += fmt::format("    '{}:{}'\n", command.name, in_spec(command.brief));
    names += (names.empty() ? "" : "|") + command.name;
  }
  return filled(kScript, {{"functions", functions},
                          {"descriptions", descriptions},
                          {"names", names},
                          {"values", names_with_values(commands)}});
}

}  // namespace chanspect::cli
