#include "go/instruction.h"

#include <Zydis/Zydis.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "binary/elf.h"
#include "support/go_target.h"

// The truth is Zydis, a disassembler that many have tried.

namespace chanspect::go {
namespace {

using chanspect::testing::go_program;
using chanspect::testing::must;

/// What Zydis says of an instruction, in our terms.
std::optional<Instruction> truth_of(const ZydisDecoder& decoder, Bytes code) {
  ZydisDecoderContext context;
  ZydisDecodedInstruction theirs;
  if (!ZYAN_SUCCESS(
          ZydisDecoderDecodeInstruction(&decoder, &context, code.data(), code.size(), &theirs)))
    return std::nullopt;
  // Of AMD's own, which no program of today has.
  if (theirs.encoding == ZYDIS_INSTRUCTION_ENCODING_XOP ||
      theirs.encoding == ZYDIS_INSTRUCTION_ENCODING_3DNOW)
    return std::nullopt;
  Instruction truth;
  truth.length = theirs.length;
  truth.opcode = theirs.opcode;
  truth.has_modrm = (theirs.attributes & ZYDIS_ATTRIB_HAS_MODRM) != 0;
  if (!truth.has_modrm) return truth;
  const auto& modrm = theirs.raw.modrm;
  truth.memory = modrm.mod != 3;
  truth.rip_relative = modrm.mod == 0 && modrm.rm == 5;
  truth.displacement = static_cast<std::int32_t>(theirs.raw.disp.value);
  return truth;
}

std::string hex(Bytes code) {
  std::string text;
  for (const std::byte byte : code) text += fmt::format("{:02x} ", std::to_integer<int>(byte));
  return text;
}

void expect_same(const Instruction& ours, const Instruction& truth, Bytes code) {
  ASSERT_EQ(ours.length, truth.length) << hex(code);
  ASSERT_EQ(ours.opcode, truth.opcode) << hex(code);
  ASSERT_EQ(ours.has_modrm, truth.has_modrm) << hex(code);
  ASSERT_EQ(ours.memory, truth.memory) << hex(code);
  ASSERT_EQ(ours.rip_relative, truth.rip_relative) << hex(code);
  // Vectors of EVEX scale theirs, which matters to no code of the runtime's.
  if (ours.vector) return;
  ASSERT_EQ(ours.displacement, truth.displacement) << hex(code);
}

ZydisDecoder make_decoder() {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  return decoder;
}

class InstructionsOfProgram : public ::testing::TestWithParam<std::pair<const char*, const char*>> {
};

/// Every instruction of whole programs: the compiler's and those of all assembly in them.
TEST_P(InstructionsOfProgram, AreThoseThatZydisReads) {
  const auto elf =
      must(binary::Elf::open(go_program("waits", GetParam().first, GetParam().second)));
  const Bytes text = elf.contents(*elf.find_section(".text"));
  ASSERT_GT(text.size(), 100'000U);
  const ZydisDecoder decoder = make_decoder();
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Bytes code = text.subspan(at, std::min<std::size_t>(15, text.size() - at));
    const auto truth = truth_of(decoder, code);
    if (!truth) {  // data between functions of C
      ++at;
      continue;
    }
    const auto ours = decode_instruction(code);
    ASSERT_TRUE(ours) << hex(code);
    ASSERT_NO_FATAL_FAILURE(expect_same(*ours, *truth, code));
    at += truth->length;
    ++count;
  }
  EXPECT_GT(count, 100'000U);
}

INSTANTIATE_TEST_SUITE_P(Programs, InstructionsOfProgram,
                         ::testing::Values(std::pair{"1.19", ""}, std::pair{"1.27.4", ""},
                                           std::pair{"1.27.4", "-race"}));

/// Whatever bytes Zydis takes for an instruction we take for one of the same length.
TEST(Instruction, RandomBytesHaveTheLengthThatZydisReads) {
  const ZydisDecoder decoder = make_decoder();
  std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed): the same each time
  std::array<std::byte, 15> bytes = {};
  std::size_t count = 0;
  for (int round = 0; round < 2'000'000; ++round) {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    const auto truth = truth_of(decoder, bytes);
    if (!truth) continue;
    const auto ours = decode_instruction(bytes);
    ASSERT_TRUE(ours) << hex(bytes);
    ASSERT_EQ(ours->length, truth->length) << hex(bytes);
    ++count;
  }
  EXPECT_GT(count, 500'000U);
}

TEST(Instruction, CutShortIsNone) {
  constexpr auto kMove = std::to_array<unsigned char>({0x48, 0x8b, 0x05, 0x10, 0x00, 0x00, 0x00});
  const Bytes whole = std::as_bytes(std::span(kMove));
  ASSERT_TRUE(decode_instruction(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_instruction(whole.first(size))) << size;
}

}  // namespace
}  // namespace chanspect::go
