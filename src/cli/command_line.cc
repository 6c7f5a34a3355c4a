#include "cli/command_line.h"

#include <fmt/format.h>

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

/// The options that a command knows, its own first.
std::vector<Option> options_known_to(const Command& command, CommonOptions* common) {
  std::vector<Option> options = command.options;
  for (Option& option : common_options_of(command, common)) options.push_back(std::move(option));
  return options;
}

Error unknown_option(const Command& command, const std::vector<Option>& options,
                     const std::string& word) {
  std::vector<std::string> names;
  names.reserve(options.size());
  for (const Option& option : options) names.push_back(option.name);
  const std::string near = nearest_word(word, names);
  return usage_error(command, fmt::format("unknown option {}", word),
                     near.empty() ? "" : fmt::format("did you mean {}?", near));
}

/// Gives an option its value, or each of several.
Result<void> take(const Command& command, const Option& option, std::string_view value) {
  for (;;) {
    const std::size_t end = option.listed_by_comma ? value.find(',') : std::string_view::npos;
    if (auto taken = option.take(value.substr(0, end)); !taken)
      return std::unexpected(usage_error(
          command, fmt::format("{}: {}", option.name, taken.error().what), taken.error().why));
    if (end == std::string_view::npos) return {};
    value.remove_prefix(end + 1);
  }
}

/// Reads the words of a command from the first to the last: options are taken as they come, the
/// rest is put by.
class Reading {
 public:
  Reading(const Command& command, const Words& words, CommonOptions* common)
      : command_(command), options_(options_known_to(command, common)), words_(words) {}

  /// The words that are no options.
  Result<Words> read() {
    Words positionals;
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      if (word == "--") {
        positionals.insert(positionals.end(), words_.begin() + static_cast<std::ptrdiff_t>(at_),
                           words_.end());
        break;
      }
      if (!is_option(word)) {
        positionals.push_back(word);
        continue;
      }
      CS_CHECK(word.starts_with("--") ? read_long(word) : read_letters(word));
    }
    return positionals;
  }

 private:
  /// "--limit 5" or "--limit=5"
  Result<void> read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const auto option = std::ranges::find(options_, name, &Option::name);
    if (option == options_.end()) return std::unexpected(unknown_option(command_, options_, name));
    if (equals == std::string::npos)
      return option->value.empty() ? take(command_, *option, {}) : take_next_word(*option);
    if (option->value.empty())
      return std::unexpected(usage_error(command_, fmt::format("{} takes no value", name)));
    return take(command_, *option, std::string_view(word).substr(equals + 1));
  }

  /// "-qv", "-o FILE" or "-oFILE"
  Result<void> read_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const auto option = std::ranges::find(options_, word[i], &Option::letter);
      if (option == options_.end())
        return std::unexpected(unknown_option(command_, options_, fmt::format("-{}", word[i])));
      if (option->value.empty()) {
        CS_CHECK(take(command_, *option, {}));
        continue;
      }
      if (i + 1 == word.size()) return take_next_word(*option);
      return take(command_, *option, std::string_view(word).substr(i + 1));
    }
    return {};
  }

  Result<void> take_next_word(const Option& option) {
    if (at_ == words_.size())
      return std::unexpected(
          usage_error(command_, fmt::format("{} needs a value: {}", option.name, option.value)));
    return take(command_, option, words_[at_++]);
  }

  const Command& command_;
  std::vector<Option> options_;
  const Words& words_;
  std::size_t at_ = 0;
};

/// Hands the words that are no options to the command's positionals, in their order.
Result<void> take_positionals(const Command& command, const Words& words) {
  std::size_t at = 0;
  for (const Positional& positional : command.positionals) {
    if (positional.required && at == words.size())
      return std::unexpected(
          usage_error(command, fmt::format("{} is missing: {}", positional.name, positional.help)));
    const std::size_t end = positional.repeated ? words.size() : std::min(at + 1, words.size());
    for (; at < end; ++at)
      if (auto taken = positional.take(words[at]); !taken)
        return std::unexpected(
            usage_error(command, fmt::format("{}: {}", positional.name, taken.error().what),
                        taken.error().why));
  }
  if (at == words.size()) return {};
  return std::unexpected(usage_error(command, fmt::format("unexpected word '{}'", words[at]),
                                     command.positionals.empty()
                                         ? fmt::format("{} takes options only", command.name)
                                         : fmt::format("behind {}, nothing but options is known",
                                                       command.positionals.back().name)));
}

}  // namespace

Result<void> parse(const Command& command, const Words& words, CommonOptions* common) {
  CS_TRY(const Words positionals, Reading(command, words, common).read());
  return take_positionals(command, positionals);
}

}  // namespace chanspect::cli
