#include "go/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "binary/elf.h"
#include "go/layout_rows.h"
#include "go/layout_table.h"
#include "support/go_program.h"

namespace chanspect::go {
namespace {

using ::testing::HasSubstr;

Release release_of(const std::string& text) {
  return *parse_release(text);
}

TEST(LayoutTable, AValueHoldsFromItsReleaseOn) {
  const std::string_view row = "1.18:152 1.23:160 1.23.4:168 1.24:- 1.25:8";
  const std::pair<const char*, std::optional<std::uint32_t>> cases[] = {
      {"go1.17", std::nullopt},
      {"go1.18", 152},
      {"go1.22.12", 152},
      {"go1.23.0", 160},
      {"go1.23.3", 160},
      {"go1.23.4", 168},
      {"go1.23.12", 168},
      {"go1.24.0", std::nullopt},
      {"go1.24.13", std::nullopt},
      {"go1.25.0", 8},
      {"go1.99.1", 8},
  };
  for (const auto& [release, value] : cases)
    EXPECT_EQ(value_at(row, release_of(release)), value) << release;
}

TEST(LayoutTable, MalformedTransitionsGiveNothing) {
  for (const std::string_view row : {"", "x", "1.", "1.18", "1.18:", "1.18:x", "1.18.:5", "2.18:5",
                                     "1.18:99999999999", "1.18 5"})
    EXPECT_EQ(value_at(row, release_of("go1.26.0")), std::nullopt) << row;
}

TEST(LayoutTable, EveryRowIsWellFormedAndInOrder) {
  ASSERT_GT(layout_rows().size(), 500U);
  for (const LayoutRow& row : layout_rows()) {
    std::string_view rest = row.transitions;
    std::optional<Release> last;
    while (!rest.empty()) {
      const std::string_view one = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      const auto from = parse_release("go" + std::string(one.substr(0, one.find(':'))));
      ASSERT_TRUE(from) << row.name << ": " << one;
      EXPECT_TRUE(one.ends_with(":-") || value_at(one, *from)) << row.name << ": " << one;
      EXPECT_TRUE(!last || *last < *from) << row.name << ": " << row.transitions;
      last = *from;
    }
  }
}

TEST(Layout, TheTableHasEveryPatchReleaseOfEachMinorItKnows) {
  int known = 0;
  for (int minor = 18; minor <= 30; ++minor) {
    for (int patch = 0; patch <= 20; ++patch) {
      Release release;
      release.minor = minor;
      release.patch = patch;
      const auto layout = layout_from_table(release);
      EXPECT_EQ(layout.has_value(), table_knows(release)) << release.name();
      if (layout) {
        ++known;
      } else {
        EXPECT_EQ(layout.error().code, ErrorCode::unknown_release);
      }
    }
  }
  EXPECT_GT(known, 100);
}

TEST(Layout, FollowsTheRuntimeThroughItsReleases) {
  const auto old = layout_from_table(release_of("go1.19.8"));
  ASSERT_TRUE(old) << old.error().message();
  EXPECT_EQ(old->g.goid.offset, 152U);
  EXPECT_FALSE(old->g.syscallbp.present());
  EXPECT_FALSE(old->g.parent_goid.present());
  EXPECT_FALSE(old->hchan.timer.present());
  EXPECT_EQ(old->sudog.c.offset, 80U);
  EXPECT_EQ(old->sema_root.stride, 64U);
  const auto stride_on_arm64 = [](const char* release) {
    return layout_from_table(*parse_release(release, Arch::arm64))->sema_root.stride;
  };
  EXPECT_EQ(stride_on_arm64("go1.19.8"), 64U);  // of whole cache lines
  EXPECT_EQ(stride_on_arm64("go1.20.0"), 128U);
  EXPECT_EQ(layout_from_table(release_of("go1.23.11"))->m.alllink.offset, 328U);
  EXPECT_EQ(layout_from_table(release_of("go1.23.12"))->m.alllink.offset, 352U);
  EXPECT_EQ(layout_from_table(release_of("go1.24.13"))->g.bubble.offset, 392U);  // syncGroup
  const auto latest = layout_from_table(release_of("go1.27.4"));
  ASSERT_TRUE(latest);
  EXPECT_EQ(latest->g.bubble.offset, 392U);
  EXPECT_EQ(latest->sudog.elem.offset, 32U);  // elem.vu
  EXPECT_EQ(latest->sudog.c.offset, 96U);     // c.vu
  EXPECT_EQ(latest->source, "table go1.27.4");
}

TEST(Layout, AnUnknownReleaseIsRefusedWithTheNearest) {
  const std::pair<const char*, const char*> cases[] = {
      {"go1.99.0", "go1.27."}, {"go1.17.5", "go1.18."}, {"go1.22.77", "go1.22.12"}};
  for (const auto& [text, nearest] : cases) {
    const auto layout = layout_from_table(release_of(text));
    ASSERT_FALSE(layout) << text;
    EXPECT_EQ(layout.error().code, ErrorCode::unknown_release);
    EXPECT_THAT(layout.error().message(), HasSubstr(release_of(text).name()));
    EXPECT_THAT(layout.error().hint, HasSubstr(nearest));
  }
}

TEST(Layout, LockRankingMovesFieldsAndIsNotGuessed) {
  EXPECT_FALSE(layout_from_table(release_of("go1.26.8 X:staticlockranking")));
  EXPECT_TRUE(layout_from_table(release_of("go1.26.8 X:nogreenteagc")));
}

struct Build {
  std::string release;
  Arch arch = Arch::amd64;
};

class LayoutOfRelease : public ::testing::TestWithParam<Build> {};

TEST_P(LayoutOfRelease, TheTableIsWhatTheDwarfOfARealProgramSays) {
  const auto& [number, arch] = GetParam();
  const auto elf = binary::Elf::open(
      chanspect::testing::go_program("hello", number, "", std::string(name_of(arch))));
  ASSERT_TRUE(elf);
  ASSERT_EQ(arch_of(*elf), arch);
  const Release release = *parse_release("go" + number, arch);
  const auto dwarf = layout_from_dwarf(*elf, release);
  ASSERT_TRUE(dwarf) << dwarf.error().message();
  const auto table = layout_from_table(release);
  ASSERT_TRUE(table) << table.error().message();
  // Each layout is a row of 32-bit offsets and sizes, so that no field can be forgotten here.
  const auto words = []<class Layout>(const Layout& layout) {
    static_assert(sizeof(Layout) % 4 == 0 && std::is_trivially_copyable_v<Layout>);
    std::vector<std::uint32_t> row(sizeof(Layout) / 4);
    std::memcpy(row.data(), &layout, sizeof layout);
    return row;
  };
  EXPECT_EQ(words(table->g), words(dwarf->g));
  EXPECT_EQ(words(table->sudog), words(dwarf->sudog));
  EXPECT_EQ(words(table->hchan), words(dwarf->hchan));
  EXPECT_EQ(words(table->m), words(dwarf->m));
  EXPECT_EQ(words(table->p), words(dwarf->p));
  EXPECT_EQ(words(table->sema_root), words(dwarf->sema_root));
  EXPECT_EQ(words(table->sched), words(dwarf->sched));
  EXPECT_EQ(words(table->mstats), words(dwarf->mstats));

  // The same program under a version that no table knows tells its layouts itself.
  const auto chosen = choose_layout(*elf, *parse_release("go1.99.0", arch));
  ASSERT_TRUE(chosen) << chosen.error().message();
  EXPECT_EQ(chosen->source, "DWARF of the executable");
  EXPECT_EQ(words(chosen->g), words(table->g));
  EXPECT_EQ(choose_layout(*elf, release)->source, "table go" + number);
}

std::vector<Build> builds() {
  std::vector<Build> all;
  for (const std::string& release : chanspect::testing::go_releases()) all.push_back({release});
  for (const char* release : {"1.19", "1.22.12", "1.27.4"}) all.push_back({release, Arch::arm64});
  return all;
}

INSTANTIATE_TEST_SUITE_P(AllReleases, LayoutOfRelease, ::testing::ValuesIn(builds()),
                         [](const auto& build) {
                           std::string name = build.param.release;
                           std::ranges::replace(name, '.', '_');
                           return name + "_" + std::string(name_of(build.param.arch));
                         });

TEST(Layout, AStrippedProgramOfAnUnknownReleaseIsRefused) {
  const auto elf =
      binary::Elf::open(chanspect::testing::go_program("hello", "1.26.8", "'-ldflags=-s -w'"));
  ASSERT_TRUE(elf);
  EXPECT_EQ(layout_from_dwarf(*elf, release_of("go1.26.8")).error().code, ErrorCode::unsupported);
  const auto layout = choose_layout(*elf, release_of("go1.99.0"));
  ASSERT_FALSE(layout);
  EXPECT_EQ(layout.error().code, ErrorCode::unknown_release);
  EXPECT_THAT(layout.error().message(), HasSubstr("no DWARF"));
  EXPECT_THAT(layout.error().hint, HasSubstr("go1.27."));
  // A release candidate of a minor that is known: its own DWARF, or else the table.
  const auto candidate = choose_layout(*elf, release_of("go1.26rc2"));
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->source, "table go1.26rc2");
}

TEST(Structure, AbsentAndOutOfBoundsFieldsReadAsZero) {
  GLayout layout;
  layout.goid.offset = 8;
  layout.gopc.offset = 12;
  const std::uint64_t words[2] = {1, 42};
  const Structure g(std::as_bytes(std::span(words)), layout);
  EXPECT_EQ(g[&GLayout::goid], 42U);
  EXPECT_EQ(g.get(&GLayout::gopc), std::nullopt);  // 4 bytes beyond
  EXPECT_EQ(g[&GLayout::gopc], 0U);
  EXPECT_EQ(g.get(&GLayout::m), std::nullopt);  // absent
}

}  // namespace
}  // namespace chanspect::go
