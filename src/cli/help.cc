#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/common_options.h"
#include "cli/exit_code.h"
#include "cli/wrap.h"

namespace chanspect::cli {
namespace {

constexpr const char* kWhat =
    "chanspect looks into a running Go program from outside, without stopping it, and says which "
    "goroutine is stuck on which channel, since when and where.";

using Pair = std::pair<std::string, std::string>;

/// Two columns: what, and what it means. A left side that is too long has its line alone.
std::string table(const std::vector<Pair>& rows, std::size_t width) {
  constexpr std::size_t kMostLeft = 30;
  std::size_t left = 0;
  for (const auto& [what, meaning] : rows)
    if (what.size() <= kMostLeft) left = std::max(left, what.size());
  const std::size_t right = left + 4;
  std::string text;
  for (const auto& [what, meaning] : rows) {
    if (what.size() > kMostLeft)
      text += fmt::format("  {}\n{:{}}", what, "", right);
    else
      text += fmt::format("  {:<{}}  ", what, left);
    text += wrap(meaning, width, right, right) + "\n";
  }
  return text;
}

std::string section(const char* title, const std::string& body) {
  return body.empty() ? "" : fmt::format("\n{}\n{}", title, body);
}

std::vector<Pair> rows_of(const std::vector<Option>& options) {
  std::vector<Pair> rows;
  rows.reserve(options.size());
  for (const Option& option : options) rows.emplace_back(spelling_of(option), option.help);
  return rows;
}

/// Examples stand under each other with their meaning behind, or below where that is too long.
std::string example_lines(const std::vector<Example>& examples, std::size_t width) {
  std::size_t left = 0;
  for (const Example& example : examples)
    if (example.line.size() + example.meaning.size() + 5 <= width)
      left = std::max(left, example.line.size());
  std::string text;
  for (const Example& example : examples) {
    const bool fits = left >= example.line.size() && left + example.meaning.size() + 5 <= width;
    if (example.meaning.empty())
      text += fmt::format("  {}\n", example.line);
    else if (fits)
      text += fmt::format("  {:<{}}   {}\n", example.line, left, example.meaning);
    else
      text += fmt::format("  {}\n      {}\n", example.line, wrap(example.meaning, width, 6, 6));
  }
  return text;
}

std::string exit_code_lines(std::size_t width) {
  std::vector<Pair> rows;
  for (const ExitCodeMeaning& one : exit_code_meanings())
    rows.emplace_back(std::to_string(static_cast<int>(one.code)), one.meaning);
  return table(rows, width);
}

std::string value_notes(std::size_t width) {
  return "\n" +
         wrap(
             "A DURATION is 500ms, 60s, 5m, 2h, 1h30m or 1d. An ADDR is hexadecimal, with or "
             "without "
             "0x. Options may stand before or behind the other words.",
             width, 0) +
         "\n";
}

std::vector<Pair> command_rows(const std::vector<Command>& commands) {
  std::vector<Pair> rows;
  for (const Command& command : commands)
    if (!command.hidden) rows.emplace_back(command.name, command.brief);
  return rows;
}

}  // namespace

std::string usage_of(const Command& command) {
  std::string text = "chanspect " + command.name;
  for (const Positional& positional : command.positionals) {
    const std::string name = positional.name + (positional.repeated ? " ..." : "");
    text += positional.required ? " " + name : " [" + name + "]";
  }
  return text + " [OPTION ...]";
}

std::string spelling_of(const Option& option) {
  std::string text = option.letter != 0 ? fmt::format("-{}, ", option.letter) : "    ";
  text += option.name;
  return option.value.empty() ? text : text + " " + option.value;
}

std::string help_of(const Command& command, std::size_t width) {
  std::vector<Pair> words;
  words.reserve(command.positionals.size());
  for (const Positional& positional : command.positionals)
    words.emplace_back(positional.name, positional.help);
  CommonOptions unused;
  return fmt::format("usage: {}\n\n{}\n", usage_of(command), wrap(command.description, width, 0)) +
         section("WORDS", table(words, width)) +
         section("OPTIONS", table(rows_of(command.options), width)) +
         section("OPTIONS OF ALL COMMANDS",
                 table(rows_of(common_options_of(command, &unused)), width)) +
         value_notes(width) + section("EXAMPLES", example_lines(command.examples, width)) +
         section("EXIT CODES", exit_code_lines(width));
}

std::string help_of_all(const std::vector<Command>& commands, std::size_t width) {
  std::vector<Example> examples;
  for (const Command& command : commands)
    if (!command.hidden && !command.examples.empty()) examples.push_back(command.examples.front());
  CommonOptions unused;
  std::vector<Pair> shared = rows_of(common_options_of(commands.front(), &unused));
  shared.emplace_back("-h, --help", "this, or the help of a command");
  shared.emplace_back("    --version", "version and build id");
  return fmt::format(
             "{}\n\nusage: chanspect TARGET [OPTION ...]\n"
             "       chanspect COMMAND [TARGET ...] [OPTION ...]\n\n{}\n",
             wrap(kWhat, width, 0),
             wrap("TARGET is a pid, or the name of a running Go program. A word that is no "
                  "command is a TARGET: chanspect payments.",
                  width, 0)) +
         section("COMMANDS   (chanspect COMMAND --help tells all of one)",
                 table(command_rows(commands), width)) +
         section("OPTIONS OF ALL COMMANDS", table(shared, width)) + value_notes(width) +
         section("EXAMPLES", example_lines(examples, width)) +
         section("EXIT CODES", exit_code_lines(width));
}

std::string short_help(const std::vector<Command>& commands) {
  constexpr std::size_t kWidth = 100;
  return fmt::format(
      "usage: chanspect TARGET       a pid, or the name of a running Go program\n"
      "       chanspect COMMAND ...\n{}\nchanspect --help tells more\n",
      section("COMMANDS", table(command_rows(commands), kWidth)));
}

}  // namespace chanspect::cli
