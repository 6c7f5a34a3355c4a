#include "cli/target_argument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/go_program.h"

namespace chanspect::cli {
namespace {

using ::testing::HasSubstr;

/// A running Go program under a name that nothing else on this machine has.
class NamedProgram {
 public:
  explicit NamedProgram(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / name), process_({copied(path_)}) {
    while (target::ListedProcess{process_.pid(), executable(), {}, {}}.name() != name) usleep(1000);
  }
  NamedProgram(const NamedProgram&) = delete;
  NamedProgram& operator=(const NamedProgram&) = delete;
  ~NamedProgram() { std::filesystem::remove(path_); }

  pid_t pid() const { return process_.pid(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  static std::string copied(const std::filesystem::path& to) {
    std::filesystem::copy_file(testing::go_program("hello", "1.22.12"), to,
                               std::filesystem::copy_options::overwrite_existing);
    return to;
  }
  std::string executable() const {
    return std::filesystem::read_symlink("/proc/" + std::to_string(process_.pid()) + "/exe");
  }

  std::filesystem::path path_;
  testing::GoProcess process_;
};

std::string unique(const char* name) {
  return name + std::to_string(getpid());
}

TEST(TargetArgument, ANumberIsAPid) {
  EXPECT_EQ(find_process(std::to_string(getpid())), getpid());
  EXPECT_EQ(find_process("2000000000"), 2000000000) << "that it is not there is told at opening";
  for (const char* word : {"0", "99999999999999999999"}) {
    const auto found = find_process(word);
    ASSERT_FALSE(found) << word;
    EXPECT_EQ(found.error().code, ErrorCode::no_such_process);
  }
}

TEST(TargetArgument, ANameIsThatOfTheExecutable) {
  const NamedProgram program(unique("payments"));
  EXPECT_EQ(find_process(unique("payments")), program.pid());
  EXPECT_EQ(find_process(program.path()), program.pid()) << "a path";
}

TEST(TargetArgument, SeveralOfAName) {
  const NamedProgram program(unique("twin"));
  const testing::GoProcess second({program.path()});
  while (std::filesystem::read_symlink("/proc/" + std::to_string(second.pid()) + "/exe") !=
         program.path())
    usleep(1000);
  const auto found = find_process(unique("twin"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::usage);
  EXPECT_EQ(found.error().what, "2 processes are named " + unique("twin"));
  EXPECT_THAT(found.error().why, HasSubstr(std::to_string(program.pid())));
  EXPECT_THAT(found.error().why, HasSubstr(std::to_string(second.pid())));
  EXPECT_THAT(found.error().why, HasSubstr("go1.22.12"));
}

TEST(TargetArgument, NothingOfThatName) {
  const NamedProgram program(unique("invoices"));
  auto found = find_process("no-such-program-at-all");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::no_such_process);
  EXPECT_THAT(found.error().hint, HasSubstr("chanspect ps"));
  found = find_process(unique("invocies"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().why, "did you mean " + unique("invoices") + "?");
}

TEST(TargetArgument, WhatIsNoGoProgram) {
  const auto found = find_process("cli_test");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_go);
}

}  // namespace
}  // namespace chanspect::cli
