#include "go/release.h"

#include <gtest/gtest.h>

namespace chanspect::go {
namespace {

struct Case {
  std::string_view text;
  int minor, patch;
  bool prerelease;
  std::string_view experiments, name;
};

TEST(Release, UnderstandsEveryFormThatToolchainsWrite) {
  const Case cases[] = {
      {"go1.26.8", 26, 8, false, "", "go1.26.8"},
      {"go1.19", 19, 0, false, "", "go1.19"},
      {"go1.21.0", 21, 0, false, "", "go1.21.0"},
      {"go1.27rc1", 27, 0, true, "", "go1.27rc1"},
      {"go1.20beta2", 20, 0, true, "", "go1.20beta2"},
      {"go1.25.1 X:nogreenteagc", 25, 1, false, "nogreenteagc", "go1.25.1"},
      {"go1.23.4 X:boringcrypto,rangefunc", 23, 4, false, "boringcrypto,rangefunc", "go1.23.4"},
      {"devel go1.28-0123abc Tue May 5 10:00:00 2026 +0000", 28, 0, true, "", "go1.28-0123abc"},
      {"devel go1.28-0123abc Tue May 5 10:00:00 2026 +0000 X:simd", 28, 0, true, "simd",
       "go1.28-0123abc"},
      {"go1.28-devel_0123abc Tue May 5 10:00:00 2026", 28, 0, true, "", "go1.28-devel_0123abc"},
      {"go1.22.7-1", 22, 7, false, "", "go1.22.7"},  // a vendor's
      {"go1.24.3-fips X:systemcrypto", 24, 3, false, "systemcrypto", "go1.24.3"},
  };
  for (const Case& c : cases) {
    const auto release = parse_release(c.text);
    ASSERT_TRUE(release) << c.text;
    EXPECT_EQ(release->minor, c.minor) << c.text;
    EXPECT_EQ(release->patch, c.patch) << c.text;
    EXPECT_EQ(release->prerelease, c.prerelease) << c.text;
    EXPECT_EQ(release->experiments, c.experiments) << c.text;
    EXPECT_EQ(release->name(), c.name) << c.text;
    EXPECT_EQ(release->text, c.text);
  }
}

TEST(Release, RefusesWhatIsNoGoVersion) {
  for (const std::string_view text :
       {"", "go", "go1", "go1.", "go1.x", "go2.1", "1.26.8", "go1.-5", "go1.26.", "go1.26.x",
        "go1.99999999999", "go1.26zz", "devel", "devel +0123abc", "python3.11"})
    EXPECT_FALSE(parse_release(text)) << text;
}

TEST(Release, OrdersByMinorThenPatch) {
  EXPECT_LT(*parse_release("go1.9"), *parse_release("go1.10"));
  EXPECT_LT(*parse_release("go1.23.4"), *parse_release("go1.23.12"));
  EXPECT_EQ(*parse_release("go1.26.8"), *parse_release("go1.26.8 X:simd"));
}

}  // namespace
}  // namespace chanspect::go
