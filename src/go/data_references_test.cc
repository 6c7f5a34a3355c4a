#include "go/data_references.h"

#include <gtest/gtest.h>

#include <array>

namespace chanspect::go {
namespace {

using Kind = DataReference::Kind;

template <class... Byte>
std::vector<std::byte> code_of(Byte... bytes) {
  return {static_cast<std::byte>(bytes)...};
}

void expect_one(const std::vector<std::byte>& code, Address place, Kind kind, int width) {
  const auto references = data_references(code, 0x1000, Arch::amd64);
  ASSERT_EQ(references.size(), 1U);
  EXPECT_EQ(references[0].place, place);
  EXPECT_EQ(references[0].kind, kind);
  EXPECT_EQ(references[0].width, width);
}

TEST(DataReferences, TellWhatAnInstructionDoes) {
  // Each with a displacement of 0x100 from its own end.
  expect_one(code_of(0x48, 0x8d, 0x05, 0, 1, 0, 0), 0x1107, Kind::address, 0);       // lea
  expect_one(code_of(0x48, 0x8b, 0x05, 0, 1, 0, 0), 0x1107, Kind::load, 8);          // mov
  expect_one(code_of(0x0f, 0xb6, 0x05, 0, 1, 0, 0), 0x1107, Kind::load, 1);          // movzx
  expect_one(code_of(0x44, 0x89, 0x05, 0, 1, 0, 0), 0x1107, Kind::store, 4);         // mov
  expect_one(code_of(0x83, 0x3d, 0, 1, 0, 0, 7), 0x1107, Kind::load, 4);             // cmp
  expect_one(code_of(0xff, 0x05, 0, 1, 0, 0), 0x1106, Kind::update, 4);              // inc
  expect_one(code_of(0xff, 0x15, 0, 1, 0, 0), 0x1106, Kind::load, 8);                // call
  expect_one(code_of(0x48, 0x2b, 0x05, 0, 1, 0, 0), 0x1107, Kind::load, 8);          // sub
  expect_one(code_of(0x48, 0x01, 0x05, 0, 1, 0, 0), 0x1107, Kind::update, 8);        // add
  expect_one(code_of(0x48, 0x87, 0x05, 0, 1, 0, 0), 0x1107, Kind::update, 8);        // xchg
  expect_one(code_of(0xf0, 0x0f, 0xc1, 0x05, 0, 1, 0, 0), 0x1108, Kind::update, 4);  // xadd
  expect_one(code_of(0x0f, 0x11, 0x05, 0, 1, 0, 0), 0x1107, Kind::store, 16);        // movups
  expect_one(code_of(0xc7, 0x05, 0, 1, 0, 0, 9, 9, 9, 9), 0x110a, Kind::store, 4);   // mov
}

TEST(DataReferences, AreOnlyThoseOfStaticData) {
  EXPECT_TRUE(data_references(code_of(0x48, 0x8b, 0x47, 8), 0, Arch::amd64).empty());  // [rdi+8]
  EXPECT_TRUE(data_references(code_of(0x64, 0x48, 0x8b, 0x05, 0, 1, 0, 0), 0, Arch::amd64).empty());
  EXPECT_TRUE(data_references(code_of(0x48, 0x8b), 0, Arch::amd64).empty());
  EXPECT_TRUE(data_references({}, 0, Arch::amd64).empty());
}

std::vector<DataReference> of_arm64(std::initializer_list<std::uint32_t> words, Address entry) {
  const std::vector<std::uint32_t> code(words);
  return data_references(std::as_bytes(std::span(code)), entry, Arch::arm64);
}

TEST(DataReferences, OnArm64GoByPages) {
  // adrp x0, +2 pages; ldr w1, [x0, #8]; add x2, x0, #16; adrp x27, -1 page; str x1, [x27, #32]
  const auto references =
      of_arm64({0xd0000000, 0xb9400801, 0x91004002, 0xf0fffffb, 0xf9001361}, 0x401008);
  ASSERT_EQ(references.size(), 3U);
  EXPECT_EQ(references[0].place, 0x403008);
  EXPECT_EQ(references[0].kind, Kind::load);
  EXPECT_EQ(references[0].width, 4);
  EXPECT_EQ(references[1].place, 0x403010);
  EXPECT_EQ(references[1].kind, Kind::address);
  EXPECT_EQ(references[2].place, 0x400020);
  EXPECT_EQ(references[2].kind, Kind::store);
  EXPECT_EQ(references[2].width, 8);
}

TEST(DataReferences, OnArm64EndWithWhatElseIsPutIntoTheRegister) {
  // adrp x0; mov x0, x1; ldr x2, [x0, #8]
  EXPECT_TRUE(of_arm64({0xb0000000, 0xaa0103e0, 0xf9400402}, 0x401000).empty());
  // adrp x0; bl; ldr x2, [x0, #8]
  EXPECT_TRUE(of_arm64({0xb0000000, 0x94000004, 0xf9400402}, 0x401000).empty());
}

}  // namespace
}  // namespace chanspect::go
