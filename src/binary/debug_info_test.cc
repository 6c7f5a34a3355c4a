#include "binary/debug_info.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

#include "support/go_program.h"

namespace chanspect::binary {
namespace {

using chanspect::testing::go_program;
using ::testing::IsEmpty;

constexpr auto kVariables = std::to_array<std::string_view>(
    {"runtime.allglen", "runtime.allm", "runtime.semtable", "runtime.sched", "runtime.memstats",
     "runtime.waitReasonStrings"});

class DebugInfoOfRelease : public ::testing::TestWithParam<std::string> {};

TEST_P(DebugInfoOfRelease, VariablesLieWhereTheSymbolTableSays) {
  const auto elf = Elf::open(go_program("hello", GetParam()));
  ASSERT_TRUE(elf);
  const auto info = DebugInfo::read(*elf, "runtime");
  ASSERT_TRUE(info) << info.error().message();
  const auto symbols = elf->find_symbols(kVariables);
  for (std::size_t i = 0; i < kVariables.size(); ++i) {
    ASSERT_TRUE(symbols[i]);
    const auto variable = info->variable(kVariables[i]);
    ASSERT_TRUE(variable) << kVariables[i];
    EXPECT_EQ(variable->address, symbols[i]->address) << kVariables[i];
    EXPECT_EQ(variable->size, symbols[i]->size) << kVariables[i];
  }
}

TEST_P(DebugInfoOfRelease, FieldsAreFoundThroughNestedStructs) {
  const auto elf = Elf::open(go_program("hello", GetParam()));
  const auto info = DebugInfo::read(*elf, "runtime");
  ASSERT_TRUE(info);
  for (const std::string_view name :
       {"runtime.g", "runtime.m", "runtime.hchan", "runtime.schedt"}) {
    const auto fields = info->fields(name);
    ASSERT_GT(fields.size(), 10U);
    for (const auto& field : fields) {
      EXPECT_LT(field.offset, *info->struct_size(name) + 1) << field.path;
      // A blank field has no name of its own, so the first of several is what a path finds.
      if (field.path.find('_') == std::string::npos) {
        EXPECT_EQ(info->field_offset(name, field.path), field.offset) << name << " " << field.path;
      }
    }
  }
  const auto sched = info->field_offset("runtime.g", "sched");
  EXPECT_EQ(info->field_offset("runtime.g", "sched.pc"), *sched + 8);  // runtime2.go: gobuf
  EXPECT_EQ(info->field_offset("runtime.g", "sched.nonesuch"), std::nullopt);
  EXPECT_EQ(info->field_offset("runtime.g", "goid.x"), std::nullopt);
  EXPECT_EQ(info->field_offset("runtime.g", ""), std::nullopt);
  EXPECT_EQ(info->struct_size("runtime.nonesuch"), std::nullopt);
  EXPECT_FALSE(info->variable("runtime.nonesuch"));
}

INSTANTIATE_TEST_SUITE_P(AllReleases, DebugInfoOfRelease,
                         ::testing::ValuesIn(chanspect::testing::go_releases()),
                         [](const auto& release) {
                           std::string name = release.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST(DebugInfo, CompressedOrNotItTellsTheSame) {
  const auto plain = Elf::open(go_program("hello", "1.27.4", "-ldflags=-compressdwarf=false"));
  const auto compressed = Elf::open(go_program("hello", "1.27.4"));
  ASSERT_EQ(plain->find_section(".debug_info")->flags & SHF_COMPRESSED, 0U);
  ASSERT_NE(compressed->find_section(".debug_info")->flags & SHF_COMPRESSED, 0U);
  const auto a = DebugInfo::read(*plain, "runtime"), b = DebugInfo::read(*compressed, "runtime");
  ASSERT_TRUE(a) << a.error().message();
  ASSERT_TRUE(b);
  const auto fields = a->fields("runtime.schedt");
  EXPECT_GT(fields.size(), 50U);
  EXPECT_TRUE(std::ranges::equal(
      fields, b->fields("runtime.schedt"),
      [](const auto& x, const auto& y) { return x.path == y.path && x.offset == y.offset; }));
}

TEST(DebugInfo, WithoutDwarfItIsUnsupported) {
  const auto elf = Elf::open(go_program("hello", "1.27.4", "-ldflags=-w"));
  ASSERT_TRUE(elf);
  const auto info = DebugInfo::read(*elf, "runtime");
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::unsupported);
}

TEST(DebugInfo, APackageThatIsNotThereHasNothing) {
  const auto elf = Elf::open(go_program("hello", "1.27.4"));
  const auto info = DebugInfo::read(*elf, "example.com/nonesuch");
  ASSERT_TRUE(info);
  EXPECT_FALSE(info->struct_size("runtime.g"));
  EXPECT_THAT(info->fields("runtime.g"), IsEmpty());
}

class BrokenDebugInfo : public ::testing::Test {
 protected:
  void load(const std::string& flags) {
    std::ifstream file(go_program("hello", "1.27.4", flags), std::ios::binary);
    image_.assign(std::istreambuf_iterator<char>(file), {});
    const auto elf = Elf::parse(std::as_bytes(std::span(image_)));
    info_ = *elf->find_section(".debug_info");
    abbrev_ = *elf->find_section(".debug_abbrev");
  }
  Result<DebugInfo> read() const {
    return DebugInfo::read(*Elf::parse(std::as_bytes(std::span(image_))), "runtime");
  }
  std::vector<char> image_;
  Section info_, abbrev_;
};

TEST_F(BrokenDebugInfo, AnImpossibleDecompressedSizeIsRefusedBeforeItIsPaidFor) {
  load("");
  const std::uint64_t huge = std::uint64_t{1} << 40;
  std::memcpy(image_.data() + info_.offset + offsetof(Elf64_Chdr, ch_size), &huge, sizeof huge);
  EXPECT_EQ(read().error().code, ErrorCode::bad_data);
}

TEST_F(BrokenDebugInfo, WildBytesGiveLessOrNothingAndNeverACrash) {
  load("-ldflags=-compressdwarf=false");
  std::mt19937_64 random(7);  // NOLINT(bugprone-random-generator-seed): to repeat it
  int readable = 0;
  for (int round = 0; round < 60; ++round) {
    const Section& section = round % 3 == 0 ? abbrev_ : info_;
    std::vector<char> saved(image_.begin() + static_cast<long>(section.offset),
                            image_.begin() + static_cast<long>(section.offset + section.size));
    for (int i = 0; i < 1 + round; ++i)
      image_[section.offset + random() % section.size] = static_cast<char>(random());
    if (const auto info = read()) {
      ++readable;
      for (const std::string_view name : {"runtime.g", "runtime.m", "runtime.schedt"}) {
        info->struct_size(name);
        info->fields(name);
        info->field_offset(name, "sched.pc");
      }
      for (const std::string_view name : kVariables) info->variable(name);
    }
    std::ranges::copy(saved, image_.begin() + static_cast<long>(section.offset));
  }
  EXPECT_GT(readable, 10);
}

}  // namespace
}  // namespace chanspect::binary
