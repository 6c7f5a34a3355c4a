// Which file a core's process ran: found, compared, lent to the core.

#include "capture/executable_of_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "capture/image_in_core.h"
#include "support/command.h"
#include "support/core_builder.h"
#include "support/core_of_program.h"
#include "support/go_program.h"

namespace chanspect::capture {
namespace {

using chanspect::testing::go_program;
using chanspect::testing::output_of;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

struct Build {
  std::string name, program, release, flags, changed_by;
};

/// Programs of several builds, each run from a folder that it can be taken away from.
class ExecutableOfCoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = testing::no_kernel_core(); !why.empty()) GTEST_SKIP() << why;
    std::filesystem::create_directories(bin_);
  }

  void install(const std::string& built) const {
    std::filesystem::copy_file(built, installed_,
                               std::filesystem::copy_options::overwrite_existing);
  }

  /// Runs the installed program until it says that it is ready, and has it leave a core.
  std::unique_ptr<target::CoreFile> core_of_installed() const {
    testing::GoProcess process({installed_});
    if (!process.line().starts_with("ready")) throw std::runtime_error("does not run");
    auto core = target::CoreFile::open(folder_.kernel_core(process.pid()));
    if (!core) throw std::runtime_error(core.error().message());
    return std::move(*core);
  }

  testing::CoreFolder folder_;
  std::string bin_ = (folder_.path() / "usr/bin").string();
  std::string installed_ = bin_ + "/payments";
};

TEST_F(ExecutableOfCoreTest, IsWhereItRanAndFillsWhatTheCoreLacks) {
  for (const Build& build : {Build{"internal", "hello", "1.19", "", ""},
                             Build{"stripped", "hello", "1.27.4", "-ldflags=-s", ""},
                             Build{"PIE", "hello", "1.25.8", "-buildmode=pie", ""},
                             Build{"cgo", "cgo", "1.27.4", "", ""}}) {
    SCOPED_TRACE(build.name);
    install(go_program(build.program, build.release, build.flags));
    const auto core = core_of_installed();
    const auto found = find_executable(*core, "");
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->path, installed_);
    EXPECT_EQ(found->mapped_path, installed_);
    EXPECT_EQ(found->note, "");

    // The constants of a Go program are never in the kernel's core.
    const std::uint64_t bias = core->facts().entry_point - found->elf.entry();
    const binary::Section* names = found->elf.find_section(".gopclntab");
    if (names == nullptr) names = found->elf.find_section(".rodata");
    ASSERT_NE(names, nullptr);
    const auto truth = found->elf.contents(*names);
    std::vector<std::byte> got(truth.size());
    const bool relocated = build.name == "PIE";  // what was relocated was written to, and saved
    EXPECT_EQ(core->read(names->address + bias, got).has_value(),
              relocated && names->name != ".rodata");
    ASSERT_TRUE(attach_executable(*core, *found));
    ASSERT_TRUE(core->read(names->address + bias, got));
    EXPECT_TRUE(std::ranges::equal(got, truth) || relocated);
    std::filesystem::remove(core->path());
  }
}

TEST_F(ExecutableOfCoreTest, IsBelievedByItsBuildIdWhereverItIs) {
  install(go_program("hello", "1.27.4"));
  const auto core = core_of_installed();
  const std::string moved = (folder_.path() / "elsewhere").string();
  std::filesystem::rename(installed_, moved);

  const auto nowhere = find_executable(*core, "");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::io);
  EXPECT_THAT(nowhere.error().why, HasSubstr("there is no " + installed_));
  EXPECT_THAT(nowhere.error().hint, HasSubstr("--exe"));

  const auto given = find_executable(*core, moved);
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->path, moved);
  EXPECT_EQ(given->mapped_path, installed_);
  EXPECT_EQ(given->note, "");

  const std::string beside = (folder_.path() / "payments").string();
  std::filesystem::rename(moved, beside);
  const auto found = find_executable(*core, "");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->path, beside);

  // strip leaves the notes as they are.
  output_of("strip " + beside);
  EXPECT_TRUE(find_executable(*core, beside));
}

TEST_F(ExecutableOfCoreTest, AnotherBuildIsRefusedByItsBuildId) {
  install(go_program("hello", "1.27.4"));
  const auto core = core_of_installed();
  std::filesystem::remove(installed_);
  for (const std::string& other : {go_program("hello", "1.25.8"), go_program("waits", "1.27.4"),
                                   go_program("hello", "1.27.4", "-ldflags=-buildid=forged")}) {
    const auto found = find_executable(*core, other);
    ASSERT_FALSE(found) << other;
    EXPECT_EQ(found.error().code, ErrorCode::bad_data);
    EXPECT_THAT(found.error().what, HasSubstr(other + " is not the executable of core"));
    EXPECT_THAT(found.error().why,
                MatchesRegex("its build id is .+, and that of the program in the core is .+"));
    EXPECT_THAT(found.error().hint, HasSubstr("--exe"));
  }
  // Replaced on the disk since, and the true one beside the core.
  install(go_program("hello", "1.25.8"));
  EXPECT_THAT(find_executable(*core, "").error().what, HasSubstr(installed_));
  std::filesystem::copy_file(go_program("hello", "1.27.4"), folder_.path() / "payments");
  const auto found = find_executable(*core, "");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->path, (folder_.path() / "payments").string());
}

TEST_F(ExecutableOfCoreTest, ADeletedOneIsSoughtByItsName) {
  const std::string built = go_program("hello", "1.27.4");
  install(built);
  testing::GoProcess process({installed_});
  ASSERT_TRUE(process.line().starts_with("ready"));
  std::filesystem::remove(installed_);
  const auto core = target::CoreFile::open(folder_.kernel_core(process.pid()));
  ASSERT_TRUE(core);
  EXPECT_EQ(executable_path(**core), installed_ + " (deleted)");
  install(built);  // the same again
  const auto found = find_executable(**core, "");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->path, installed_);
  ASSERT_TRUE(attach_executable(**core, *found));
  std::array<std::byte, 16> code{};
  EXPECT_TRUE((*core)->read((*core)->facts().entry_point, code));
}

TEST_F(ExecutableOfCoreTest, WithoutAnyBuildIdItsHeadersDecide) {
  install(go_program("hello", "1.19", "-ldflags=-buildid="));
  const auto core = core_of_installed();
  const auto found = find_executable(*core, "");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->note,
            installed_ + " has no build id to compare with the core; its headers are the same");
  const auto other = find_executable(*core, go_program("waits", "1.19", "-ldflags=-buildid="));
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().why, HasSubstr("headers"));
}

TEST_F(ExecutableOfCoreTest, WhatIsNoExecutableIsRefused) {
  install(go_program("hello", "1.27.4"));
  const auto core = core_of_installed();
  EXPECT_THAT(find_executable(*core, core->path()).error().why, HasSubstr("no executable"));
  EXPECT_EQ(find_executable(*core, "/nowhere/payments").error().code, ErrorCode::io);
  EXPECT_THAT(find_executable(*core, "/etc/passwd").error().message(), HasSubstr("/etc/passwd"));
}

TEST_F(ExecutableOfCoreTest, LibrariesAreFoundAlike) {
  install(go_program("cgo", "1.27.4"));
  const auto core = core_of_installed();
  std::string libc;
  for (const target::FileMapping& file : core->files())
    if (file.path.find("/libc.so") != std::string::npos ||
        file.path.find("/libc-") != std::string::npos)
      libc = file.path;
  ASSERT_NE(libc, "");
  const auto found = find_library(*core, libc);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->path, libc);
  EXPECT_EQ(found->note, "");
  EXPECT_FALSE(find_library(*core, "/lib/unheard-of.so"));
}

TEST_F(ExecutableOfCoreTest, ACoreWithoutNotesIsFilledToo) {
  const std::string built = go_program("hello", "1.27.4");
  install(built);
  testing::GoProcess process({installed_});
  ASSERT_TRUE(process.line().starts_with("ready"));
  // gdb writes notes last: the first that a cut takes away.
  const std::string path = folder_.gcore(process.pid());
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 40'000);
  const auto core = target::CoreFile::open(path);
  ASSERT_TRUE(core) << core.error().message();
  EXPECT_TRUE((*core)->facts().truncated);
  EXPECT_TRUE((*core)->threads().empty());
  EXPECT_TRUE((*core)->files().empty());
  EXPECT_FALSE(find_executable(**core, ""));
  EXPECT_FALSE(find_executable(**core, go_program("hello", "1.25.8")));
  const auto found = find_executable(**core, built);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->note, "");
  EXPECT_EQ(found->mapped_path, "");

  const binary::Section* constants = found->elf.find_section(".rodata");
  ASSERT_NE(constants, nullptr);
  std::array<std::byte, 4096> got{};
  EXPECT_FALSE((*core)->read(constants->address, got));
  ASSERT_TRUE(attach_executable(**core, *found));
  ASSERT_TRUE((*core)->read(constants->address, got));
  EXPECT_TRUE(std::ranges::equal(got, found->elf.contents(*constants).first(got.size())));
}

}  // namespace
}  // namespace chanspect::capture
