#include "go/build_version.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "support/go_target.h"

namespace chanspect::go {
namespace {

using chanspect::testing::go_program;
using chanspect::testing::must;

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void wipe(std::string& image, std::string_view text) {
  for (std::size_t at = 0; (at = image.find(text, at)) != std::string::npos; ++at)
    image.replace(at, text.size(), text.size(), '?');
}

constexpr std::string_view kMagic = "\xff Go buildinf:";

/// A program without build information and section headers, and so without symbols.
std::string bare(const std::string& program) {
  std::string image = contents(program);
  wipe(image, kMagic);
  image.replace(0x28, 8, 8, '\0');  // e_shoff
  image.replace(0x3c, 4, 4, '\0');  // e_shnum, e_shstrndx
  return image;
}

class BuildVersionOfRelease
    : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(BuildVersionOfRelease, IsInTheData) {
  const auto& [release, flags] = GetParam();
  const std::string image = bare(go_program("hello", release, flags));
  const auto elf = must(binary::Elf::parse(as_bytes(image)));
  ASSERT_FALSE(elf.has_symbols());
  EXPECT_EQ(find_build_version(elf), std::string("go") + release);
}

INSTANTIATE_TEST_SUITE_P(
    Builds, BuildVersionOfRelease,
    ::testing::Combine(::testing::Values("1.19", "1.27.4"),
                       ::testing::Values("", "-buildmode=pie",
                                         "-buildmode=pie -ldflags=-linkmode=external")));

/// go/version and go/build have lists of releases: the program's own is told from those.
TEST(BuildVersion, IsTheProgramsOwn) {
  const std::string image = bare(go_program("waits", "1.22.12"));
  EXPECT_EQ(find_build_version(must(binary::Elf::parse(as_bytes(image)))), "go1.22.12");
}

TEST(BuildVersion, AProgramThatHidesItsReleaseIsGoAllTheSame) {
  std::string image = contents(go_program("hello", "1.27.4"));
  wipe(image, kMagic);
  wipe(image, "go1.27.4");
  const auto info = read_build_info(must(binary::Elf::parse(as_bytes(image))));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::unknown_release);
}

TEST(BuildVersion, OtherProgramsHaveNone) {
  EXPECT_EQ(find_build_version(must(binary::Elf::open("/bin/sh"))), std::nullopt);
  EXPECT_EQ(find_build_version(must(binary::Elf::open("/proc/self/exe"))), std::nullopt);
}

}  // namespace
}  // namespace chanspect::go
