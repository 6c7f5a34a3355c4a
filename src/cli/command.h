#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/exit_code.h"
#include "snapshot/snapshot.h"

/// A command as data. The parser, --help, the man page and the shells' completions are all made
/// from it, so that none can say what another does not know.
namespace chanspect::cli {

struct CommonOptions;

/// Reads one value that the user gave; called again for each further one.
using Take = std::function<Result<void>(std::string_view)>;

struct Option {
  std::string name;                  ///< "--min-waiters"
  char letter = 0;                   ///< 'q' for -q; 0: none
  std::string value;                 ///< "N", "DURATION"; empty for a flag
  std::vector<std::string> choices;  ///< the only values there are; empty: any
  std::string help;
  Take take;
  bool listed_by_comma = false;  ///< "a,b" is two values
};

struct Positional {
  std::string name;  ///< "TARGET"
  std::string help;
  bool required = true;
  bool repeated = false;
  Take take;
  std::vector<std::string> choices;
};

struct Example {
  std::string line;
  std::string meaning;
};

struct Command {
  std::string name;
  std::string brief;  ///< one line, for the list of commands
  std::string description;
  std::vector<Positional> positionals;
  std::vector<Option> options;
  std::vector<Example> examples;
  bool reads_target = true;   ///< takes --stop, --watch and --threads
  bool prints_report = true;  ///< takes --format, --output, …
  bool hidden = false;        ///< not in the list of commands
  std::function<Result<ExitCode>(const CommonOptions&)> run;
};

// Options by what they read; the pointer is what is set, and must live as long as the option.

Option flag(std::string name, bool* into, std::string help);
Option number(std::string name, std::uint32_t* into, std::string help);
Option number(std::string name, std::optional<std::uint32_t>* into, std::string help);
Option duration(std::string name, std::int64_t* into, std::string help);
Option address(std::string name, std::optional<snapshot::Address>* into, std::string help);
Option text(std::string name, std::string value, std::string* into, std::string help);
/// May be given several times; values are taken whole.
Option texts(std::string name, std::string value, std::vector<std::string>* into, std::string help);

template <class T>
using Choices = std::vector<std::pair<std::string, T>>;

/// The names of choices, and an error that lists them.
Error no_such_choice(std::string_view given, const std::vector<std::string>& names);

template <class T>
Option choice(std::string name, const Choices<T>& choices, std::string help,
              std::function<void(T)> set) {
  Option option;
  option.name = std::move(name);
  option.help = std::move(help);
  for (const auto& [word, value] : choices) {
    option.choices.push_back(word);
    option.value += (option.value.empty() ? "" : "|") + word;
  }
  option.take = [choices, names = option.choices,
                 set = std::move(set)](std::string_view given) -> Result<void> {
    for (const auto& [word, value] : choices) {
      if (word != given) continue;
      set(value);
      return {};
    }
    return std::unexpected(no_such_choice(given, names));
  };
  return option;
}

/// One of a few words.
template <class T>
Option choice(std::string name, const Choices<T>& choices, T* into, std::string help) {
  return choice<T>(std::move(name), choices, std::move(help), [into](T value) { *into = value; });
}

/// Several of a few words, in the order given: "a,b", or the option twice.
template <class T>
Option several(std::string name, const Choices<T>& choices, std::vector<T>* into,
               std::string help) {
  Option option = choice<T>(std::move(name), choices, std::move(help),
                            [into](T value) { into->push_back(value); });
  option.listed_by_comma = true;
  return option;
}

/// A whole number from `least` on.
Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most);

}  // namespace chanspect::cli
