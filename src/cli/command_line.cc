#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "cli/nearest_word.h"

namespace chanspect::cli {
namespace {

bool is_option(const std::string& word) {
  return word.size() > 1 && word.front() == '-';
}

/// All options of all commands: an option before its command is known all the same.
std::vector<Option> every_option(const std::vector<Command>& commands) {
  std::vector<Option> options;
  CommonOptions unused;
  for (const Command& command : commands) {
    options.insert(options.end(), command.options.begin(), command.options.end());
    for (Option& option : common_options_of(command, &unused)) options.push_back(std::move(option));
  }
  return options;
}

/// Whether the next word is the value of this one: "--limit 5", "-o FILE", "-qo FILE".
bool takes_next_word(const std::string& word, const std::vector<Option>& options) {
  if (word.starts_with("--")) {
    const auto option = std::ranges::find(options, word, &Option::name);
    return option != options.end() && !option->value.empty();
  }
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto option = std::ranges::find(options, word[i], &Option::letter);
    if (option == options.end() || option->value.empty()) continue;
    return i + 1 == word.size();  // else the rest of this word is the value
  }
  return false;
}

/// The first word that is neither an option nor an option's value, "--" included; words.size()
/// when there is none.
std::size_t first_positional(const Words& words, const std::vector<Option>& options) {
  std::size_t at = 0;
  while (at < words.size() && is_option(words[at]) && words[at] != "--")
    at += takes_next_word(words[at], options) ? 2 : 1;
  return std::min(at, words.size());
}

Arranged without_command(const Words& words) {
  Arranged arranged;
  const auto given = [&](const char* word) { return std::ranges::count(words, word) > 0; };
  if (given("--version")) arranged.ask = Arranged::Ask::version;
  if (given("--help") || given("-h")) arranged.ask = Arranged::Ask::help;
  arranged.rest = words;
  return arranged;
}

}  // namespace

Arranged arrange(const Words& words, const std::vector<Command>& commands) {
  const std::size_t at = first_positional(words, every_option(commands));
  if (at == words.size()) return without_command(words);
  Arranged arranged;
  arranged.ask = Arranged::Ask::run;
  arranged.rest = words;
  const auto take_away = [&] {
    arranged.rest.erase(arranged.rest.begin() + static_cast<std::ptrdiff_t>(at));
  };
  if (words[at] == "help") {  // "help channels" is "channels --help"
    take_away();
    Arranged asked = arrange(arranged.rest, commands);
    asked.ask = Arranged::Ask::help;
    return asked;
  }
  const auto named = std::ranges::find(commands, words[at], &Command::name);
  arranged.command = named != commands.end() ? &*named : &commands.front();
  if (named != commands.end())
    take_away();
  else
    arranged.taken_for_target = words[at];
  const auto end_of_options = std::ranges::find(arranged.rest, "--");
  const auto asks = [&](const char* word) {
    return std::find(arranged.rest.begin(), end_of_options, word) != end_of_options;
  };
  if (asks("--version")) arranged.ask = Arranged::Ask::version;
  if (asks("--help") || asks("-h")) arranged.ask = Arranged::Ask::help;
  return arranged;
}

namespace {

Error usage_error(const Command& command, std::string what, std::string why = {}) {
  return {ErrorCode::usage, std::move(what), std::move(why),
          fmt::format("chanspect {} --help", command.name)};
}

/// CLI11 splits the words; the values are read by the options themselves.
struct Parser {
  CLI::App app;
  std::vector<std::pair<CLI::Option*, const Option*>> options;
  std::vector<std::pair<CLI::Option*, const Positional*>> positionals;
};

void add_to(Parser& parser, const Option& option) {
  std::string names = option.name;
  if (option.letter != 0) names += fmt::format(",-{}", option.letter);
  const CLI::callback_t nothing = [](const CLI::results_t&) { return true; };
  CLI::Option* added =
      option.value.empty()
          ? parser.app.add_flag(names)
          : parser.app.add_option(names, nothing)->expected(1)->allow_extra_args(false);
  added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  parser.options.emplace_back(added, &option);
}

void add_to(Parser& parser, const Positional& positional) {
  const CLI::callback_t nothing = [](const CLI::results_t&) { return true; };
  CLI::Option* added = parser.app.add_option(positional.name, nothing);
  if (positional.repeated) added->expected(0, CLI::detail::expected_max_vector_size);
  parser.positionals.emplace_back(added, &positional);
}

/// A word that nobody expected: most likely a slip of the keyboard.
Error unexpected(const Command& command, const std::vector<Option>& common,
                 const std::string& word) {
  if (!is_option(word))
    return usage_error(command, fmt::format("unexpected word '{}'", word),
                       command.positionals.empty()
                           ? fmt::format("{} takes options only", command.name)
                           : fmt::format("behind {}, nothing but options is known",
                                         command.positionals.back().name));
  std::vector<std::string> names;
  for (const Option& option : command.options) names.push_back(option.name);
  for (const Option& option : common) names.push_back(option.name);
  const std::string near = nearest_word(word.substr(0, word.find('=')), names);
  return usage_error(command, fmt::format("unknown option {}", word),
                     near.empty() ? "" : fmt::format("did you mean {}?", near));
}

Result<void> take_option(const Command& command, const Option& option, const CLI::Option& given) {
  if (option.value.empty()) {
    for (std::size_t i = 0; i < given.count(); ++i) CS_CHECK(option.take({}));
    return {};
  }
  for (const std::string& value : given.results()) {
    std::string_view rest = value;
    for (;;) {
      const std::size_t end = option.listed_by_comma ? rest.find(',') : std::string_view::npos;
      if (auto taken = option.take(rest.substr(0, end)); !taken)
        return std::unexpected(usage_error(
            command, fmt::format("{}: {}", option.name, taken.error().what), taken.error().why));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  return {};
}

Result<void> take_positional(const Command& command, const Positional& positional,
                             const CLI::Option& given) {
  if (positional.required && given.count() == 0)
    return std::unexpected(
        usage_error(command, fmt::format("{} is missing: {}", positional.name, positional.help)));
  for (const std::string& value : given.results())
    if (auto taken = positional.take(value); !taken)
      return std::unexpected(usage_error(
          command, fmt::format("{}: {}", positional.name, taken.error().what), taken.error().why));
  return {};
}

}  // namespace

Result<void> parse(const Command& command, const Words& words, CommonOptions* common) {
  Parser parser;
  parser.app.set_help_flag();
  parser.app.allow_extras();
  const std::vector<Option> shared = common_options_of(command, common);
  for (const Positional& positional : command.positionals) add_to(parser, positional);
  for (const Option& option : command.options) add_to(parser, option);
  for (const Option& option : shared) add_to(parser, option);
  try {
    parser.app.parse(Words(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(usage_error(command, error.what()));
  }
  if (const auto left = parser.app.remaining(); !left.empty())
    return std::unexpected(unexpected(command, shared, left.front()));
  for (const auto& [given, positional] : parser.positionals)
    CS_CHECK(take_positional(command, *positional, *given));
  for (const auto& [given, option] : parser.options)
    CS_CHECK(take_option(command, *option, *given));
  return {};
}

}  // namespace chanspect::cli
