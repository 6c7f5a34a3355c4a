#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/completions.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/man_page.h"

/// What is written about the commands knows all of them and all of their options.
namespace chanspect::cli {
namespace {

using ::testing::HasSubstr;

std::string page(const std::string& name) {
  std::ifstream file(std::string(SOURCE_DIR) + "/docs/" + name + ".md");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// As roff writes it: every minus escaped.
std::string in_roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '-' ? "\\-" : std::string(1, c);
  return escaped;
}

std::vector<Option> common_options() {
  CommonOptions unused;
  return common_options_of(all_commands().front(), &unused);
}

TEST(Documentation, EachCommandHasAPageWithItsOptions) {
  for (const Command& command : all_commands()) {
    if (command.hidden) continue;
    const std::string text = page(command.name);
    EXPECT_THAT(text, HasSubstr("chanspect " + command.name)) << "docs/" << command.name << ".md";
    for (const Option& option : command.options)
      EXPECT_THAT(text, HasSubstr("`" + option.name)) << "docs/" << command.name << ".md";
  }
}

TEST(Documentation, TheCommonOptionsHaveAPage) {
  for (const Option& option : common_options())
    EXPECT_THAT(page("options"), HasSubstr("`" + option.name));
}

TEST(Documentation, ExitCodesAreTheSameEverywhere) {
  for (const ExitCodeMeaning& one : exit_code_meanings()) {
    const std::string number = std::to_string(static_cast<int>(one.code));
    EXPECT_THAT(page("exit-codes"), HasSubstr("| " + number + " | " + std::string(one.meaning)));
    EXPECT_THAT(help_of_all(all_commands(), 1000),
                HasSubstr("\n  " + number + "  " + std::string(one.meaning)));
    EXPECT_THAT(man_page(all_commands()), HasSubstr("\\fB" + number + "\\fR\n"));
  }
}

TEST(Documentation, HelpManPageAndCompletionsKnowEveryOption) {
  const std::vector<Command> commands = all_commands();
  const std::string man = man_page(commands);
  for (const Command& command : commands) {
    const std::string help = help_of(command, 100);
    EXPECT_THAT(man, HasSubstr("chanspect " + in_roff(command.name)));
    for (const Option& option : options_of(command)) {
      EXPECT_THAT(help, HasSubstr(option.name)) << command.name;
      EXPECT_THAT(man, HasSubstr("\\fB" + in_roff(option.name) + "\\fR")) << command.name;
      EXPECT_THAT(bash_completion(commands), HasSubstr(option.name));
      EXPECT_THAT(zsh_completion(commands), HasSubstr(option.name));
      EXPECT_THAT(fish_completion(commands), HasSubstr("-l " + option.name.substr(2) + " "));
    }
  }
}

TEST(Documentation, NoTwoOptionsOfOneCommandAreNamedAlike) {
  std::map<std::string, bool> takes_value;
  for (const Command& command : all_commands()) {
    std::set<std::string> names;
    for (const Option& option : options_of(command)) {
      EXPECT_TRUE(names.insert(option.name).second) << command.name << " " << option.name;
      // An option may stand before its command, so it must mean the same for all of them.
      const auto known = takes_value.emplace(option.name, !option.value.empty()).first;
      EXPECT_EQ(known->second, !option.value.empty()) << command.name << " " << option.name;
    }
  }
}

TEST(Documentation, HelpFitsTheScreen) {
  for (const Command& command : all_commands()) {
    std::istringstream lines(help_of(command, 80));
    for (std::string line; std::getline(lines, line);) {
      const bool is_command_line = line.starts_with("  chanspect ");
      EXPECT_LE(line.size(), is_command_line ? 100U : 80U) << line;
    }
  }
}

}  // namespace
}  // namespace chanspect::cli
