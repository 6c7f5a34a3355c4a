#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cli/address.h"

namespace chanspect::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Ask = Arranged::Ask;

/// What the fake commands below were given.
struct Given {
  std::string target;
  std::vector<std::string> rest;
  std::uint32_t least = 1;
  std::optional<std::uint32_t> frame;
  std::int64_t older_than_ns = 0;
  std::vector<int> keys;
  int order = 0;
  bool all = false;
};

Positional words(const char* name, bool required, bool repeated, Take take) {
  Positional positional;
  positional.name = name;
  positional.help = std::string("what ") + name + " is";
  positional.required = required;
  positional.repeated = repeated;
  positional.take = std::move(take);
  return positional;
}

Command command(const char* name, Given* given) {
  Command made;
  made.name = name;
  made.positionals = {words("TARGET", true, false,
                            [given](std::string_view word) -> Result<void> {
                              given->target = word;
                              return {};
                            }),
                      words("GID", false, true, [given](std::string_view word) -> Result<void> {
                        given->rest.emplace_back(word);
                        return {};
                      })};
  made.options = {number("--min-waiters", &given->least, ""),
                  number("--frame", &given->frame, ""),
                  duration("--older-than", &given->older_than_ns, ""),
                  several<int>("--group-by", {{"site", 1}, {"reason", 2}}, &given->keys, ""),
                  choice<int>("--order", {{"age", 1}, {"oldest", 2}}, &given->order, ""),
                  flag("--all", &given->all, "")};
  return made;
}

class CommandLine : public ::testing::Test {
 protected:
  std::string parse_error(const Words& given_words) {
    CommonOptions ignored;
    const auto parsed = parse(commands_[1], given_words, &ignored);
    EXPECT_FALSE(parsed);
    if (parsed) return "";
    EXPECT_EQ(parsed.error().code, ErrorCode::usage);
    EXPECT_EQ(parsed.error().hint, "chanspect stack --help");
    return parsed.error().message();
  }

  Given given_;
  CommonOptions common_;
  std::vector<Command> commands_ = {command("overview", &given_), command("stack", &given_)};
};

TEST_F(CommandLine, AWordThatIsNoCommandIsTheTargetOfTheOverview) {
  const Arranged arranged = arrange({"payments"}, commands_);
  EXPECT_EQ(arranged.ask, Ask::run);
  EXPECT_EQ(arranged.command->name, "overview");
  EXPECT_THAT(arranged.rest, ElementsAre("payments"));
  EXPECT_EQ(arranged.taken_for_target, "payments");
}

TEST_F(CommandLine, ACommandIsTakenOut) {
  const Arranged arranged = arrange({"stack", "4242", "17"}, commands_);
  EXPECT_EQ(arranged.command->name, "stack");
  EXPECT_THAT(arranged.rest, ElementsAre("4242", "17"));
  EXPECT_EQ(arranged.taken_for_target, "");
}

TEST_F(CommandLine, OptionsAndTheirValuesMayStandBeforeTheCommand) {
  const Words before = {"--limit", "5",     "-v",  "-o", "stack", "--older-than",
                        "1m",      "--all", "-qo", "ps", "stack", "4242"};
  const Arranged arranged = arrange(before, commands_);
  EXPECT_EQ(arranged.command->name, "stack");
  ASSERT_TRUE(parse(*arranged.command, arranged.rest, &common_));
  EXPECT_EQ(given_.target, "4242");
  EXPECT_EQ(given_.older_than_ns, 60'000'000'000);
  EXPECT_TRUE(given_.all);
  EXPECT_EQ(common_.limit, 5U);
  EXPECT_EQ(common_.output, "ps");
  EXPECT_TRUE(common_.quiet);
  EXPECT_EQ(common_.verbosity, 1);
  EXPECT_EQ(arrange({"--limit=5", "-ofile", "stack", "1"}, commands_).command->name, "stack");
}

TEST_F(CommandLine, NothingBehindTwoDashesIsACommandOrAnOption) {
  Arranged arranged = arrange({"--limit", "3", "--", "stack"}, commands_);
  EXPECT_EQ(arranged.command->name, "overview");
  ASSERT_TRUE(parse(*arranged.command, arranged.rest, &common_));
  EXPECT_EQ(given_.target, "stack");
  arranged = arrange({"stack", "--", "--help"}, commands_);
  EXPECT_EQ(arranged.ask, Ask::run);
  ASSERT_TRUE(parse(*arranged.command, arranged.rest, &common_));
  EXPECT_EQ(given_.target, "--help");
}

TEST_F(CommandLine, HelpAndVersion) {
  EXPECT_EQ(arrange({}, commands_).ask, Ask::nothing);
  EXPECT_EQ(arrange({"-q"}, commands_).ask, Ask::nothing);
  for (const Words& asking : {Words{"--help"}, Words{"-h"}, Words{"help"}}) {
    EXPECT_EQ(arrange(asking, commands_).ask, Ask::help) << asking.front();
    EXPECT_EQ(arrange(asking, commands_).command, nullptr) << asking.front();
  }
  for (const Words& asking : {Words{"stack", "--help"}, Words{"-h", "stack"},
                              Words{"help", "stack"}, Words{"stack", "4242", "-h"}}) {
    EXPECT_EQ(arrange(asking, commands_).ask, Ask::help) << asking.front();
    EXPECT_EQ(arrange(asking, commands_).command->name, "stack") << asking.front();
  }
  EXPECT_EQ(arrange({"--version"}, commands_).ask, Ask::version);
}

TEST_F(CommandLine, EveryKindOfOption) {
  const Words all = {"--group-by", "site,reason",   "4242",    "7",         "--frame=3",
                     "8",          "--group-by",    "site",    "--order",   "age",
                     "--format",   "json",          "--color", "never",     "--stop",
                     "freeze",     "--watch",       "5s",      "--threads", "2",
                     "-vv",        "--min-waiters", "10",      "-q"};
  ASSERT_TRUE(parse(commands_[1], all, &common_));
  EXPECT_EQ(given_.target, "4242");
  EXPECT_THAT(given_.rest, ElementsAre("7", "8"));
  EXPECT_THAT(given_.keys, ElementsAre(1, 2, 1));
  EXPECT_EQ(given_.frame, 3U);
  EXPECT_EQ(given_.order, 1);
  EXPECT_EQ(given_.least, 10U);
  EXPECT_EQ(common_.format, report::Format::json);
  EXPECT_EQ(common_.color, ColorMode::never);
  EXPECT_EQ(common_.stop, snapshot::StopMode::freeze);
  EXPECT_EQ(common_.watch_ns, 5'000'000'000);
  EXPECT_EQ(common_.threads, 2U);
  EXPECT_EQ(common_.verbosity, 2);
  EXPECT_TRUE(common_.quiet);
}

TEST_F(CommandLine, TheLastValueOfAnOptionCounts) {
  ASSERT_TRUE(parse(commands_[1],
                    {"1", "--order", "age", "--order", "oldest", "--limit", "3", "--limit", "all"},
                    &common_));
  EXPECT_EQ(given_.order, 2);
  EXPECT_EQ(common_.limit, std::numeric_limits<std::size_t>::max());
}

TEST_F(CommandLine, MistakesAreNamed) {
  EXPECT_EQ(parse_error({}), "TARGET is missing: what TARGET is");
  EXPECT_EQ(parse_error({"1", "--min-waiter", "3"}),
            "unknown option --min-waiter: did you mean --min-waiters?");
  EXPECT_EQ(parse_error({"1", "--frobnicate"}), "unknown option --frobnicate");
  EXPECT_EQ(parse_error({"1", "--older-than", "5"}),
            "--older-than: '5' is no length of time: write it as 500ms, 60s, 5m, 2h, 1h30m or 1d");
  EXPECT_EQ(parse_error({"1", "--order", "size"}),
            "--order: 'size' is none of its values: say age or oldest");
  EXPECT_EQ(parse_error({"1", "--format", "yaml"}),
            "--format: 'yaml' is none of its values: say text, json or tsv");
  EXPECT_EQ(parse_error({"1", "--frame", "0"}), "--frame: '0' is no number from 1 on");
  EXPECT_EQ(parse_error({"1", "--threads", "65"}), "--threads: '65' is no number from 1 to 64");
  EXPECT_EQ(parse_error({"1", "--watch", "0"}),
            "--watch: the two looks need some time between them");
  EXPECT_EQ(parse_error({"1", "--group-by", "site,"}),
            "--group-by: '' is none of its values: say site or reason");
  EXPECT_EQ(parse_error({"1", "--limit"}), "--limit needs a value: N");
  EXPECT_EQ(parse_error({"1", "-o"}), "--output needs a value: FILE");
  EXPECT_EQ(parse_error({"1", "--limit", "-5"}), "--limit: '-5' is no number from 1 on");
  EXPECT_EQ(parse_error({"1", "--limit="}), "--limit: '' is no number from 1 on");
  EXPECT_EQ(parse_error({"1", "--all=maybe"}), "--all takes no value");
  EXPECT_EQ(parse_error({"1", "-qz"}), "unknown option -z");
}

TEST_F(CommandLine, AWordTooMany) {
  commands_[1].positionals.pop_back();
  EXPECT_EQ(parse_error({"4242", "17"}),
            "unexpected word '17': behind TARGET, nothing but options is known");
}

TEST_F(CommandLine, OptionsOfReadingAreUnknownToWhatReadsNoTarget) {
  commands_[1].reads_target = false;
  EXPECT_THAT(parse_error({"1", "--stop", "none"}), HasSubstr("unknown option --stop"));
}

}  // namespace
}  // namespace chanspect::cli
