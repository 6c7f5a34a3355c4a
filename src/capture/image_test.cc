#include "capture/image.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace chanspect::capture {
namespace {

/// An executable as packers leave it: no sections, one segment that is the whole file.
std::vector<std::byte> without_sections(std::string_view text) {
  constexpr std::size_t kFront = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
  std::vector<std::byte> file(kFront + text.size());
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_EXEC;
  header.e_machine = EM_X86_64;
  header.e_phoff = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_vaddr = 0x400000;
  segment.p_filesz = segment.p_memsz = file.size();
  std::memcpy(file.data(), &header, sizeof header);
  std::memcpy(file.data() + sizeof header, &segment, sizeof segment);
  std::memcpy(file.data() + kFront, text.data(), text.size());
  return file;
}

TEST(Image, APackedExecutableIsRefusedByName) {
  const auto file = without_sections("$Info: packed with the UPX executable packer $ UPX!");
  const auto elf = binary::Elf::parse(file);
  ASSERT_TRUE(elf) << elf.error().message();
  const auto found = check_go(*elf);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::unsupported);
  EXPECT_THAT(found.error().what, ::testing::HasSubstr("packed with UPX"));
  EXPECT_THAT(found.error().hint, ::testing::HasSubstr("upx -d"));
}

TEST(Image, AnyOtherExecutableWithoutSectionsIsNoGo) {
  const auto file = without_sections("something else");
  const auto elf = binary::Elf::parse(file);
  ASSERT_TRUE(elf);
  const auto found = check_go(*elf);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_go);
}

}  // namespace
}  // namespace chanspect::capture
