#include "go/build_info.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "go/quoted.h"
#include "support/command.h"
#include "support/go_program.h"

namespace chanspect::go {
namespace {

/// "build" lines of `go version -m`, as the toolchain's own reader prints them.
std::vector<std::string> lines_of_go_version(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream stream(chanspect::testing::output_of("go version -m " + path));
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class BuildInfoOfRelease : public ::testing::TestWithParam<std::string> {};

TEST_P(BuildInfoOfRelease, TellsWhatGoVersionTells) {
  const std::string path =
      chanspect::testing::go_program("hello", GetParam(), "'-ldflags=-X \"main.a=b c\"'");
  const auto elf = binary::Elf::open(path);
  ASSERT_TRUE(elf);
  const auto info = read_build_info(*elf);
  ASSERT_TRUE(info) << info.error().message();

  std::vector<std::string> ours = {path + ": " + info->version, "\tpath\t" + info->path};
  EXPECT_EQ(info->version, "go" + GetParam());
  EXPECT_EQ(info->module, "example.test/hello");
  EXPECT_EQ(info->setting("GOARCH"), "amd64");
  EXPECT_EQ(info->setting("-ldflags"), "-X \"main.a=b c\"");
  EXPECT_EQ(info->setting("-nonesuch"), "");

  const auto theirs = lines_of_go_version(path);
  EXPECT_EQ(theirs.at(0), ours[0]);
  EXPECT_EQ(theirs.at(1), ours[1]);
  const auto builds = std::ranges::count_if(
      theirs, [](const std::string& line) { return line.starts_with("\tbuild\t"); });
  EXPECT_EQ(static_cast<std::size_t>(builds), info->settings.size());
}

INSTANTIATE_TEST_SUITE_P(AllReleases, BuildInfoOfRelease,
                         ::testing::ValuesIn(chanspect::testing::go_releases()),
                         [](const auto& release) {
                           std::string name = release.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

class BuildInfoOfBytes : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(chanspect::testing::go_program("hello", "1.26.8"), std::ios::binary);
    image_.assign(std::istreambuf_iterator<char>(file), {});
    elf_ = std::make_unique<binary::Elf>(*binary::Elf::parse(bytes()));
    section_ = *elf_->find_section(".go.buildinfo");
  }
  Bytes bytes() const { return std::as_bytes(std::span(image_)); }
  Result<BuildInfo> read() const { return read_build_info(*binary::Elf::parse(bytes())); }

  std::vector<char> image_;
  std::unique_ptr<binary::Elf> elf_;
  binary::Section section_;
};

TEST_F(BuildInfoOfBytes, IsFoundByItsMagicWhereTheSectionsAreCutOff) {
  std::memset(image_.data() + offsetof(Elf64_Ehdr, e_shoff), 0, 8);
  const auto info = read();
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->version, "go1.26.8");
  EXPECT_EQ(info->module, "example.test/hello");
}

TEST_F(BuildInfoOfBytes, TheRuntimesVariableTellsTheReleaseWhereTheInformationIsGone) {
  std::memset(image_.data() + section_.offset, 0, section_.size);
  const auto info = read();
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->version, "go1.26.8");
  EXPECT_TRUE(info->settings.empty());
}

TEST_F(BuildInfoOfBytes, OldOrBrokenInformationIsRefusedWithTheReason) {
  image_[section_.offset + 15] = 0;  // pointers instead of texts: before 1.18
  EXPECT_EQ(read().error().code, ErrorCode::unknown_release);
  image_[section_.offset + 15] = 2;
  std::memset(image_.data() + section_.offset + 32, 0xff, 8);  // a length without end
  EXPECT_EQ(read().error().code, ErrorCode::bad_data);
}

TEST(BuildInfo, AProgramOfAnotherLanguageIsNotGo) {
  const auto elf = binary::Elf::open("/proc/self/exe");
  ASSERT_TRUE(elf);
  const auto info = read_build_info(*elf);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::not_go);
}

TEST(Quoted, UnderstandsGoStringLiterals) {
  const std::pair<std::string_view, std::string> cases[] = {
      {R"("plain"rest)", "plain"},
      {R"("-X \"a=b c\"" tail)", "-X \"a=b c\""},
      {R"("\t\x41\101\u00e9\U0001F600\\")", "\tAA\xc3\xa9\xf0\x9f\x98\x80\\"},
      {"`raw \\n`", "raw \\n"},
  };
  for (auto [text, meant] : cases) {
    const std::string_view whole = text;
    const auto quoted = take_quoted(text);
    ASSERT_TRUE(quoted) << whole;
    EXPECT_EQ(*quoted, meant);
    EXPECT_LT(text.size(), whole.size());
  }
  for (std::string_view bad :
       {"", "\"", "\"abc", "`abc", R"("\q")", R"("\x4")", R"("\400")", "abc", R"("\U00110000")"}) {
    const std::string_view whole = bad;
    EXPECT_FALSE(take_quoted(bad)) << whole;
    EXPECT_EQ(bad, whole);
  }
}

}  // namespace
}  // namespace chanspect::go
