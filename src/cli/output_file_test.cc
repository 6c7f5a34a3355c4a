#include "cli/output_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "cli/interruption.h"

namespace chanspect::cli {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms kMode =
    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read;  // 0640

class OutputFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("output-file-test-" + std::to_string(getpid()));
    fs::create_directory(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string contents(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  static void write_to(const OutputFile& file, const std::string& text) {
    const UniqueFd fd = file.descriptor();
    ASSERT_EQ(write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(OutputFileTest, AppearsWholeAtCommit) {
  const fs::path path = folder_ / "report.json";
  auto file = OutputFile::create(path);
  ASSERT_TRUE(file);
  write_to(*file, "all of it");
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(contents(path), "all of it");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, WithoutCommitTheOldFileStaysAndNothingIsLeft) {
  const fs::path path = folder_ / "report.json";
  put(path, "old");
  {
    auto file = OutputFile::create(path);
    ASSERT_TRUE(file);
    write_to(*file, "half");
  }
  EXPECT_EQ(contents(path), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, KeepsTheModeOfTheOldFileAndItsLinks) {
  const fs::path path = folder_ / "report.json";
  const fs::path link = folder_ / "link";
  put(path, "old");
  fs::permissions(path, kMode);
  fs::create_symlink(path, link);
  auto file = OutputFile::create(link);
  ASSERT_TRUE(file);
  write_to(*file, "new");
  ASSERT_TRUE(file->commit());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(contents(path), "new");
  EXPECT_EQ(fs::status(path).permissions(), kMode);
}

TEST_F(OutputFileTest, ANewFileObeysTheUmask) {
  const mode_t before = umask(027);
  auto file = OutputFile::create(folder_ / "new");
  ASSERT_TRUE(file && file->commit());
  umask(before);
  EXPECT_EQ(fs::status(folder_ / "new").permissions(), kMode);
}

TEST_F(OutputFileTest, DevicesAreWrittenAsTheyAre) {
  auto file = OutputFile::create("/dev/null");
  ASSERT_TRUE(file);
  write_to(*file, "gone");
  EXPECT_TRUE(file->commit());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(OutputFileTest, BadPlacesAreToldAtOnce) {
  for (const fs::path& path : {folder_ / "no" / "such" / "folder", folder_}) {
    const auto file = OutputFile::create(path);
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().code, ErrorCode::io);
    EXPECT_EQ(file.error().what, "cannot write " + path.string());
  }
}

TEST_F(OutputFileTest, AnInterruptLeavesNothingAndIsDiedOf) {
  const fs::path temporary = folder_ / "half";
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const pid_t pid = fork();
    if (pid == 0) {
      remove_when_interrupted(temporary);
      put(temporary, "half");
      raise(signal);
      _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal);
    EXPECT_EQ(files(), 0U);
  }
}

}  // namespace
}  // namespace chanspect::cli
