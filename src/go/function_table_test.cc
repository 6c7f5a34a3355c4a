#include "go/function_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "../tests/fuzz/bytes_memory.h"
#include "support/go_target.h"

namespace chanspect::go {
namespace {

constexpr Address kBase = 0x400000;
constexpr Address kText = 0x1000000;  // of the images in the corpus

/// An image of the fuzzer's corpus: a module with runtime.gopark, main.wait, main.main and
/// runtime.goexit, 16 bytes each.
struct Image {
  explicit Image(const std::string& name) {
    std::ifstream file(SOURCE_DIR "/tests/fuzz/corpus/function_table_fuzz/" + name,
                       std::ios::binary);
    contents.assign(std::istreambuf_iterator<char>(file), {});
    if (contents.size() < 4) throw std::runtime_error("no corpus file " + name);
    release.minor = 18 + contents[0];
    if (contents[1] == 1) release.arch = Arch::arm64;
    memory = std::make_unique<fuzz::BytesMemory>(kBase, as_bytes(contents).subspan(4));
  }

  Result<std::vector<Module>> modules() const { return read_modules(*memory, kBase, release); }
  FunctionTable functions() const {
    return testing::must(FunctionTable::load(*memory, testing::must(modules()), release));
  }

  std::string contents;
  Release release;
  std::unique_ptr<fuzz::BytesMemory> memory;
};

class FunctionTableOf : public ::testing::TestWithParam<std::string> {};

TEST_P(FunctionTableOf, AKnownImage) {
  const Image image(GetParam());
  const FunctionTable functions = image.functions();
  EXPECT_EQ(functions.size(), 4U);
  EXPECT_FALSE(functions.find(kText - 1));
  EXPECT_FALSE(functions.find(kText + 64));
  ASSERT_TRUE(functions.find(kText));
  EXPECT_EQ(functions.find(kText)->name, "runtime.gopark");
  EXPECT_EQ(functions.find(kText + 15)->name, "runtime.gopark");

  const auto wait = functions.find(kText + 16 + 5);
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->name, "main.wait");
  EXPECT_EQ(wait->entry, kText + 16);
  EXPECT_EQ(functions.sp_delta(*wait, kText + 16), 0);
  EXPECT_EQ(functions.sp_delta(*wait, kText + 20), 24);

  const auto frames = functions.source_frames(*wait, kText + 16 + 9);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].function, "main.inner");
  EXPECT_TRUE(frames[0].inlined);
  EXPECT_EQ(frames[0].line, 12U);
  EXPECT_EQ(frames[0].file, "/src/main.go");
  EXPECT_EQ(frames[1].function, "main.wait");
  EXPECT_FALSE(frames[1].inlined);
  EXPECT_EQ(frames[1].line, 10U);
  EXPECT_EQ(functions.source_frames(*wait, kText + 16 + 13).size(), 1U);

  // ArgInfo: {slot 8, 8 bytes}, then one too far away, then there are more.
  const auto early = functions.arguments(*wait, kText + 16 + 2);
  EXPECT_EQ(early.text, "\x01, {\x01, \x01, _}, ...");
  ASSERT_EQ(early.words.size(), 3U);
  EXPECT_EQ(early.words[1].offset, 8);
  EXPECT_EQ(early.words[2].size, 1);

  const auto goexit = functions.find_by_name("runtime.goexit");
  ASSERT_TRUE(goexit);
  EXPECT_TRUE(goexit->top_frame);
  EXPECT_EQ(goexit->id, FuncId::goexit);
  EXPECT_FALSE(functions.find_by_name("main.nothing"));
}

INSTANTIATE_TEST_SUITE_P(Shapes, FunctionTableOf,
                         ::testing::Values("whole-1.19", "whole-1.22", "whole-1.27"),
                         [](const auto& image) { return "go1_" + image.param.substr(8); });

TEST(FunctionTable, CountsInInstructionsOfTheArchitecture) {
  const Image image("whole-1.22-arm64");
  const FunctionTable functions = image.functions();
  const auto wait = functions.find(kText + 16);
  ASSERT_TRUE(wait);
  // Tables of the other architecture, where 24 holds after four instructions of a byte each.
  EXPECT_EQ(functions.sp_delta(*wait, kText + 16 + 15), 0);
  EXPECT_EQ(functions.sp_delta(*wait, kText + 16 + 16), 24);
}

TEST(FunctionTable, ACallInlinedIntoItselfEnds) {
  const Image image("inline-cycle");
  const FunctionTable functions = image.functions();
  const auto wait = functions.find(kText + 16);
  ASSERT_TRUE(wait);
  EXPECT_LE(functions.source_frames(*wait, kText + 16 + 5).size(), 1025U);
}

TEST(FunctionTable, BrokenRecordsCostTheFunctionOnly) {
  const Image image("records-outside");
  const FunctionTable functions = image.functions();
  EXPECT_EQ(functions.size(), 4U);
  EXPECT_FALSE(functions.find(kText));
  const Image varints("endless-varints");
  const FunctionTable endless = varints.functions();
  const auto function = endless.find(kText);
  ASSERT_TRUE(function);
  EXPECT_FALSE(endless.sp_delta(*function, kText));
  EXPECT_EQ(endless.source_frames(*function, kText).back().line, 0U);
}

TEST(Modules, AChainEndsWhereItMakesNoSense) {
  for (const char* name : {"cycle-of-modules", "next-outside"}) {
    const auto modules = Image(name).modules();
    ASSERT_TRUE(modules) << name;
    EXPECT_EQ(modules->size(), 1U) << name;
  }
  for (const char* name : {"ftab-outside", "endless-length"}) {
    EXPECT_FALSE(Image(name).modules()) << name;
  }
  EXPECT_EQ(Image("whole-1.22").modules()->at(0).cu_table.size, 8U);
  EXPECT_EQ(Image("whole-1.27").modules()->at(0).cu_table.size, 8U);
}

TEST(Modules, RefusesThePclntabOfAnotherArchitecture) {
  for (const char* name : {"whole-1.22", "whole-1.22-arm64"}) {
    Image image(name);
    EXPECT_TRUE(image.modules()) << name;
    image.release.arch = image.release.arch == Arch::arm64 ? Arch::amd64 : Arch::arm64;
    EXPECT_FALSE(image.modules()) << name;
  }
}

TEST(Modules, RefusesAnUnknownRelease) {
  const Image image("whole-1.22");
  Release ancient = image.release;
  ancient.minor = 16;
  const auto modules = read_modules(*image.memory, kBase, ancient);
  ASSERT_FALSE(modules);
  EXPECT_EQ(modules.error().code, ErrorCode::unknown_release);
}

}  // namespace
}  // namespace chanspect::go
