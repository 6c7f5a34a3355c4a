// What a core says and holds, on cores made by hand.

#include "target/core_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "support/core_builder.h"

namespace chanspect::target {
namespace {

using chanspect::testing::CoreBuilder;
using chanspect::testing::memory_file;
using ::testing::HasSubstr;

constexpr std::uint64_t kPage = 4096;

std::unique_ptr<CoreFile> open(const std::string& bytes) {
  auto core = CoreFile::open(memory_file(bytes), "core.test");
  if (!core) throw std::runtime_error(core.error().message());
  return std::move(*core);
}

Error open_error(const std::string& bytes) {
  const auto core = CoreFile::open(memory_file(bytes), "core.test");
  if (core) throw std::runtime_error("opens");
  return core.error();
}

/// The bytes at an address, or the reason why there are none.
std::string text_at(const CoreFile& core, Address address, std::size_t size) {
  std::string text(size, '?');
  const auto read = core.read(address, std::as_writable_bytes(std::span(text)));
  return read ? text : "! " + read.error().why;
}

std::string page_of(char c) {
  return std::string(kPage, c);
}

/// Code that the core leaves to its file, but for the first page; constants that it leaves whole;
/// data, and a heap of two mappings that touch.
CoreBuilder usual() {
  CoreBuilder core;
  core.notes = testing::amd64_status(4242, 6, 0x401000, 0x7ffe0010, 0x7ffe0020, 0x500100) +
               testing::amd64_status(4243, 0, 0x402000, 0x7fff0010, 0x7fff0020, 0x500200) +
               testing::file_note({{0x400000, 0x403000, 0, "/bin/payments"},
                                   {0x403000, 0x405000, 0x3000, "/bin/payments"},
                                   {0x405000, 0x406000, 0x5000, "/bin/payments"},
                                   {0x900000, 0x901000, 0, "/lib/never-saved.so"}});
  core.segments = {{0x400000, 3 * kPage, PF_R | PF_X, page_of('E')},
                   {0x403000, 2 * kPage, PF_R, ""},
                   {0x405000, kPage, PF_R | PF_W, ""},
                   {0x500000, kPage, PF_R | PF_W, page_of('d')},
                   {0x600000, kPage, PF_R | PF_W, page_of('h')},
                   {0x601000, kPage, PF_R | PF_W, page_of('i')},
                   {0x700000, 4 * kPage, 0, ""}};
  return core;
}

std::string executable_file() {
  std::string file;
  for (const char c : {'0', '1', '2', '3', '4', '5'}) file += page_of(c);
  return file;
}

TEST(CoreFileTest, TellsThreadsFilesAndFacts) {
  CoreBuilder builder = usual();
  std::string process(136, '\0');
  const std::int32_t pid = 4242;
  process.replace(24, 4, testing::bytes_of(pid));
  process.replace(40, 8, "payments");
  process.replace(56, 13, "payments -v 1");
  builder.notes += testing::note(NT_PRPSINFO, "CORE", process);
  builder.notes +=
      testing::note(NT_AUXV, "CORE",
                    testing::bytes_of(Elf64_auxv_t{AT_ENTRY, {0x401000}}) +
                        testing::bytes_of(Elf64_auxv_t{AT_PHDR, {0x400040}}) +
                        testing::bytes_of(Elf64_auxv_t{AT_PAGESZ, {4096}}) +
                        testing::bytes_of(Elf64_auxv_t{AT_SYSINFO_EHDR, {0x7ffff000}}) +
                        testing::bytes_of(Elf64_auxv_t{AT_NULL, {0}}));
  const auto core = open(builder.build());

  ASSERT_EQ(core->threads().size(), 2U);
  const ThreadRegisters& first = core->threads()[0];
  EXPECT_EQ(first.tid, 4242);
  EXPECT_EQ(first.own_tid, 4242);
  EXPECT_EQ(first.pc, 0x401000U);
  EXPECT_EQ(first.sp, 0x7ffe0010U);
  EXPECT_EQ(first.bp, 0x7ffe0020U);
  EXPECT_EQ(first.tls, 0x500100U);
  EXPECT_EQ(core->threads()[1].tid, 4243);

  ASSERT_EQ(core->files().size(), 4U);
  EXPECT_EQ(core->files()[1].path, "/bin/payments");
  EXPECT_EQ(core->files()[1].file_offset, 0x3000U);
  EXPECT_EQ(core->files()[1].memory.address, 0x403000U);
  EXPECT_EQ(core->files()[1].memory.size, 2 * kPage);

  const CoreFacts& facts = core->facts();
  EXPECT_EQ(facts.pid, 4242);
  EXPECT_EQ(facts.name, "payments");
  EXPECT_EQ(facts.arguments, "payments -v 1");
  EXPECT_EQ(facts.signal, 6);
  EXPECT_EQ(facts.machine, EM_X86_64);
  EXPECT_EQ(facts.entry_point, 0x401000U);
  EXPECT_EQ(facts.program_headers, 0x400040U);
  EXPECT_EQ(facts.page_size, 4096U);
  EXPECT_EQ(facts.vdso, 0x7ffff000U);
  EXPECT_FALSE(facts.truncated);
  EXPECT_EQ(facts.bytes_missing, 0U);
  EXPECT_EQ(facts.bytes_saved, 4 * kPage);
  EXPECT_EQ(facts.ignored_segments, 0U);
}

TEST(CoreFileTest, TellsThreadsOfArm64) {
  CoreBuilder builder;
  builder.machine = EM_AARCH64;
  builder.notes = testing::arm64_status(7, 0x1000, 0x2000, 0x3000, 0x4000) +
                  testing::note(NT_ARM_TLS, "LINUX", testing::bytes_of(std::uint64_t{0x5000})) +
                  testing::arm64_status(8, 0x1001, 0x2001, 0x3001, 0x4001);
  builder.segments = {{0x10000, kPage, PF_R | PF_W, page_of('a')}};
  const auto core = open(builder.build());
  EXPECT_EQ(core->facts().machine, EM_AARCH64);
  ASSERT_EQ(core->threads().size(), 2U);
  const ThreadRegisters& thread = core->threads()[0];
  EXPECT_EQ(thread.pc, 0x1000U);
  EXPECT_EQ(thread.sp, 0x2000U);
  EXPECT_EQ(thread.bp, 0x3000U);
  EXPECT_EQ(thread.lr, 0x4000U);
  EXPECT_EQ(thread.tls, 0x5000U);
  EXPECT_EQ(core->threads()[1].lr, 0x4001U);
  EXPECT_EQ(core->threads()[1].tls, 0U);
}

TEST(CoreFileTest, ASignalThatLeavesNoCoreKilledNobody) {
  CoreBuilder builder;
  builder.notes = testing::amd64_status(1, SIGSTOP, 1, 2, 3, 4);  // as gcore's
  EXPECT_EQ(open(builder.build())->facts().signal, 0);
}

TEST(CoreFileTest, ReadsAcrossMappingsThatTouch) {
  const auto core = open(usual().build());
  EXPECT_EQ(text_at(*core, 0x600ffe, 4), "hhii");
  EXPECT_EQ(text_at(*core, 0x500000, kPage), page_of('d'));
  EXPECT_EQ(core->bytes_read(), 4 + kPage);
}

TEST(CoreFileTest, SaysWhyAnAddressCannotBeRead) {
  const auto core = open(usual().build());
  EXPECT_THAT(text_at(*core, 0x800000, 8), HasSubstr("nothing was mapped there"));
  EXPECT_THAT(text_at(*core, 0x601ffc, 8), HasSubstr("nothing was mapped there"));
  EXPECT_EQ(core->bytes_unavailable(), 0U);
  EXPECT_THAT(text_at(*core, 0x403000, 8), HasSubstr("leaves it to /bin/payments"));
  EXPECT_THAT(text_at(*core, 0x400ffc, 8), HasSubstr("leaves it to /bin/payments"));
  EXPECT_THAT(text_at(*core, 0x900000, 8), HasSubstr("leaves it to /lib/never-saved.so"));
  EXPECT_THAT(text_at(*core, 0x700000, 8), HasSubstr("told to leave it out"));
  EXPECT_THAT(text_at(*core, 0x700008, 8), HasSubstr("told to leave it out"));
  EXPECT_EQ(core->bytes_unavailable(), 4 * kPage);
}

TEST(CoreFileTest, OfManyRangesOnlyTheUnreadableFail) {
  const auto core = open(usual().build());
  const std::vector<Range> ranges = {{0x500000, 2}, {0x700000, 2}, {0x600fff, 2},
                                     {0x601fff, 2}, {0x500000, 0}, {0x601000, 1}};
  std::string into(9, '?');
  std::vector<std::uint32_t> failed;
  ASSERT_TRUE(core->read_ranges(ranges, std::as_writable_bytes(std::span(into)), failed));
  EXPECT_EQ(failed, (std::vector<std::uint32_t>{1, 3}));
  EXPECT_EQ(into, std::string("dd\0\0hi\0\0i", 9));
}

TEST(CoreFileTest, AnAttachedFileFillsWhatTheCoreLeftToIt) {
  const auto core = open(usual().build());
  core->attach("/bin/payments", memory_file(executable_file()));
  EXPECT_EQ(text_at(*core, 0x400ffe, 4), "EE11");  // the saved page is the core's
  EXPECT_EQ(text_at(*core, 0x402ffe, 4), "2233");  // on into the next mapping
  EXPECT_EQ(text_at(*core, 0x404fff, 1), "4");     // its end
  EXPECT_THAT(text_at(*core, 0x404fff, 2), HasSubstr("/bin/payments"));
  // Data may have been written to since it was mapped.
  EXPECT_THAT(text_at(*core, 0x405000, 1), HasSubstr("/bin/payments"));
  EXPECT_THAT(text_at(*core, 0x900000, 1), HasSubstr("/lib/never-saved.so"));
}

TEST(CoreFileTest, AnAttachedFileFillsWhatNoHeaderNames) {
  const auto core = open(usual().build());
  core->attach("/lib/never-saved.so", memory_file(page_of('L')));
  core->attach("/lib/unheard-of.so", memory_file(page_of('U')));
  EXPECT_EQ(text_at(*core, 0x900000, kPage), page_of('L'));
  EXPECT_THAT(text_at(*core, 0x901000, 1), HasSubstr("nothing was mapped"));
}

TEST(CoreFileTest, BehindTheEndOfAnAttachedFileNothingIsReadable) {
  const auto core = open(usual().build());
  core->attach("/bin/payments", memory_file(executable_file().substr(0, 0x3800)));
  EXPECT_EQ(text_at(*core, 0x4037ff, 1), "3");
  EXPECT_THAT(text_at(*core, 0x4037ff, 2), HasSubstr("/bin/payments"));
  EXPECT_THAT(text_at(*core, 0x404000, 1), HasSubstr("/bin/payments"));
}

TEST(CoreFileTest, PartsOfAFileThatTheCoreDoesNotListAreAttachedByAddress) {
  CoreBuilder builder = usual();
  builder.notes.clear();
  const auto core = open(builder.build());
  EXPECT_TRUE(core->files().empty());
  core->attach({{{0x400000, 5 * kPage}, 0, "payments"}}, memory_file(executable_file()));
  EXPECT_EQ(text_at(*core, 0x402ffe, 4), "2233");
}

TEST(CoreFileTest, ListsWhatIsWritableAndSaved) {
  const auto core = open(usual().build());
  const auto ranges = core->writable();
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0].address, 0x500000U);
  EXPECT_EQ(ranges[0].size, kPage);
  EXPECT_EQ(ranges[1].address, 0x600000U);
  EXPECT_EQ(ranges[1].size, 2 * kPage);
  ASSERT_EQ(core->mappings().size(), 7U);
  EXPECT_TRUE(core->mappings()[0].executable);
  EXPECT_FALSE(core->mappings()[0].writable);
  EXPECT_EQ(core->mappings()[0].saved, kPage);
  EXPECT_FALSE(core->mappings()[6].readable);
}

TEST(CoreFileTest, OfATruncatedCoreWhatIsThereIsReadAndTheRestCounted) {
  const std::string whole = usual().build();
  const auto core = open(whole.substr(0, whole.size() - kPage - 100));
  EXPECT_TRUE(core->facts().truncated);
  EXPECT_EQ(core->facts().bytes_missing, kPage + 100);
  EXPECT_EQ(core->threads().size(), 2U);
  EXPECT_EQ(text_at(*core, 0x500000, 1), "d");
  EXPECT_EQ(text_at(*core, 0x600000 + kPage - 101, 1), "h");
  EXPECT_THAT(text_at(*core, 0x600000 + kPage - 101, 2), HasSubstr("cut short"));
  EXPECT_THAT(text_at(*core, 0x601000, 1), HasSubstr("cut short"));
  EXPECT_EQ(core->bytes_unavailable(), 2 * kPage);
}

TEST(CoreFileTest, CutOffCodeComesFromItsFileAndCutOffDataDoesNot) {
  CoreBuilder builder = usual();
  for (auto& segment : builder.segments)  // as gcore -a
    if (segment.address < 0x500000) segment.saved.resize(segment.memory_size, 's');
  const std::string whole = builder.build();
  const auto core = open(whole.substr(0, kPage + 100));
  core->attach("/bin/payments", memory_file(executable_file()));
  EXPECT_EQ(text_at(*core, 0x401000, 1), "1");
  EXPECT_EQ(text_at(*core, 0x402fff, 1), "2");
  EXPECT_THAT(text_at(*core, 0x403000, 1), HasSubstr("cut short"));
  EXPECT_THAT(text_at(*core, 0x405000, 1), HasSubstr("cut short"));
}

TEST(CoreFileTest, EachLengthOfATruncatedCoreOpensOrSaysWhyNot) {
  CoreBuilder builder = usual();
  const std::string whole = builder.build();
  std::size_t opened = 0;
  for (std::size_t length = 0; length < whole.size(); length += length < 3000 ? 1 : 97) {
    const auto core = CoreFile::open(memory_file(whole.substr(0, length)), "core.test");
    if (!core) {
      EXPECT_EQ(core.error().code, ErrorCode::bad_data);
      EXPECT_FALSE(core.error().why.empty());
      EXPECT_EQ(opened, 0U) << length;
      continue;
    }
    ++opened;
    EXPECT_TRUE((*core)->facts().truncated || length + kPage > whole.size()) << length;
    const std::uint64_t held = (*core)->facts().bytes_saved;
    EXPECT_EQ(held, length <= kPage ? 0 : length - kPage) << length;
  }
  EXPECT_GT(opened, 100U);
}

TEST(CoreFileTest, OfSegmentsThatOverlapTheFirstKeepsItsBytes) {
  CoreBuilder builder;
  builder.segments = {{0x2000, 2 * kPage, PF_R, page_of('b') + page_of('c')},
                      {0x1000, 2 * kPage, PF_R, page_of('x') + page_of('y')},
                      {0x1800, kPage / 2, PF_R, page_of('z').substr(0, kPage / 2)}};
  const auto core = open(builder.build());
  EXPECT_EQ(core->facts().ignored_segments, 2U);
  EXPECT_EQ(core->mappings().size(), 2U);
  EXPECT_EQ(text_at(*core, 0x1000, 3 * kPage), page_of('x') + page_of('y') + page_of('c'));
}

TEST(CoreFileTest, HeadersThatReachBehindTheLastAddressAreIgnored) {
  CoreBuilder builder = usual();
  builder.segments.push_back({~std::uint64_t{0} - 100, kPage, PF_R | PF_W, page_of('!')});
  builder.segments.push_back({0xffffffffff600000, kPage, PF_R, page_of('v')});  // vsyscall's
  const auto core = open(builder.build());
  EXPECT_EQ(core->facts().ignored_segments, 1U);
  EXPECT_EQ(text_at(*core, 0xffffffffff600000, 1), "v");
  EXPECT_THAT(text_at(*core, ~std::uint64_t{0} - 3, 8), HasSubstr("nothing was mapped"));
}

TEST(CoreFileTest, MoreSegmentsThanTheFirstHeaderCounts) {
  CoreBuilder builder;
  builder.many = true;
  for (std::uint64_t i = 0; i < 70'000; ++i)
    builder.segments.push_back({0x10000 + i * 2 * kPage, kPage, PF_R | PF_W, ""});
  builder.segments.back().saved = page_of('L');
  const std::string whole = builder.build();
  const Address last = 0x10000 + std::uint64_t{69'999} * 2 * kPage;
  EXPECT_EQ(open(whole)->mappings().size(), 70'000U);
  EXPECT_EQ(text_at(*open(whole), last, 1), "L");

  // The count lies behind the contents, where a cut takes it away first.
  const auto cut = open(whole.substr(0, whole.size() - sizeof(Elf64_Shdr) - 1));
  EXPECT_EQ(cut->mappings().size(), 70'000U);
  EXPECT_EQ(cut->facts().bytes_missing, 1U);
  EXPECT_EQ(text_at(*cut, last, 1), "L");
}

TEST(CoreFileTest, HeadersThatCannotBeThereAreRefused) {
  const std::string whole = usual().build();
  const auto with = [&](std::size_t offset, const auto& value) {
    std::string bytes = whole;
    bytes.replace(offset, sizeof(value), testing::bytes_of(value));
    return open_error(bytes).why;
  };
  EXPECT_THAT(with(offsetof(Elf64_Ehdr, e_phoff), ~std::uint64_t{0} - 8), HasSubstr("cut short"));
  EXPECT_THAT(with(offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{60'000}), HasSubstr("cut short"));
  EXPECT_THAT(with(offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{0}),
              HasSubstr("no program headers"));
  EXPECT_THAT(with(offsetof(Elf64_Ehdr, e_phentsize), std::uint16_t{32}), HasSubstr("32 bytes"));
}

TEST(CoreFileTest, SaysWhatAFileIsThatIsNoCore) {
  const auto why = [](const std::string& bytes) {
    const Error error = open_error(bytes);
    EXPECT_EQ(error.code, ErrorCode::bad_data);
    EXPECT_THAT(error.what, HasSubstr("core.test is no core"));
    return error.why;
  };
  EXPECT_EQ(why(""), "it is empty");
  EXPECT_EQ(why("goroutine 1 [running]:\n"), "it is a text");
  EXPECT_EQ(why("#!/bin/sh\n"), "it is a script");
  EXPECT_EQ(why(std::string("PK\3\4\0\0", 6)), "it is a zip archive");
  EXPECT_EQ(why(std::string("\1\2\3\0", 4)), "it is a file of an unknown kind");
  CoreBuilder builder = usual();
  builder.type = ET_EXEC;
  EXPECT_EQ(why(builder.build()), "it is an executable");
  EXPECT_THAT(open_error(builder.build()).hint, HasSubstr("--exe"));
  builder.type = ET_DYN;
  EXPECT_EQ(why(builder.build()), "it is an executable or a shared library");
  builder.type = ET_REL;
  EXPECT_EQ(why(builder.build()), "it is an object file");
}

TEST(CoreFileTest, RefusesOtherMachines) {
  CoreBuilder builder = usual();
  const auto refusal = [](const std::string& bytes) {
    const Error error = open_error(bytes);
    EXPECT_EQ(error.code, ErrorCode::unsupported);
    return error.why;
  };
  builder.machine = EM_PPC64;
  EXPECT_THAT(refusal(builder.build()), HasSubstr("ppc64"));
  builder.machine = 12345;
  EXPECT_THAT(refusal(builder.build()), HasSubstr("12345"));
  std::string bytes = usual().build();
  bytes[EI_CLASS] = ELFCLASS32;
  EXPECT_THAT(refusal(bytes), HasSubstr("32-bit"));
  bytes = usual().build();
  bytes[EI_DATA] = ELFDATA2MSB;
  EXPECT_THAT(refusal(bytes), HasSubstr("big-endian"));
}

TEST(CoreFileTest, SaysWhyAPathDoesNotOpen) {
  EXPECT_THAT(CoreFile::open("/nowhere/core").error().message(), HasSubstr("No such file"));
  EXPECT_EQ(CoreFile::open("/nowhere/core").error().code, ErrorCode::io);
  EXPECT_EQ(CoreFile::open("/").error().why, "it is a folder");
  EXPECT_EQ(CoreFile::open("/dev/zero").error().why, "it is not a regular file");
}

TEST(CoreFileTest, ACoreCutShortWhileOpenIsUnreadableThere) {
  const std::string whole = usual().build();
  UniqueFd file = memory_file(whole);
  const UniqueFd same(dup(file.get()));
  const auto core = CoreFile::open(std::move(file), "core.test");
  ASSERT_TRUE(core);
  ASSERT_EQ(ftruncate(same.get(), static_cast<off_t>(whole.size() - kPage)), 0);
  EXPECT_EQ(text_at(**core, 0x600000, 1), "h");
  EXPECT_THAT(text_at(**core, 0x601000, 1), HasSubstr("cut short meanwhile"));
}

/// A core of this many segments of `each` bytes that holds nothing but zeros, in a file with holes.
UniqueFd sparse_core(std::uint64_t segments, std::uint64_t each) {
  CoreBuilder builder;
  builder.notes = testing::amd64_status(1, 11, 1, 2, 3, 4);
  for (std::uint64_t i = 0; i < segments; ++i)
    builder.segments.push_back({0x100000000 + i * 2 * each, each, PF_R | PF_W, ""});
  std::string bytes = builder.build();
  const std::uint64_t begin = bytes.size();
  for (std::uint64_t i = 0; i < segments; ++i) {
    const std::size_t at = sizeof(Elf64_Ehdr) + (i + 1) * sizeof(Elf64_Phdr);
    bytes.replace(at + offsetof(Elf64_Phdr, p_offset), 8, testing::bytes_of(begin + i * each));
    bytes.replace(at + offsetof(Elf64_Phdr, p_filesz), 8, testing::bytes_of(each));
  }
  UniqueFd file = memory_file(bytes);
  if (ftruncate(file.get(), static_cast<off_t>(begin + segments * each)) != 0)
    throw std::runtime_error("ftruncate");
  return file;
}

TEST(CoreFileTest, TenGigabytesOpenInTimeThatDoesNotDependOnThem) {
  double best_ms = 1e9;
  for (int i = 0; i < 5; ++i) {
    UniqueFd file = sparse_core(10'000, 1 << 20);
    const auto begin = std::chrono::steady_clock::now();
    const auto core = CoreFile::open(std::move(file), "core.test");
    ASSERT_TRUE(core) << core.error().message();
    EXPECT_EQ((*core)->facts().bytes_saved, 10'000ULL << 20);
    EXPECT_EQ(text_at(**core, 0x100000000 + (19'998ULL << 20) + 5000, 1), std::string(1, '\0'));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best_ms = std::min(best_ms, took.count());
  }
  EXPECT_LT(best_ms, 10);
}

TEST(CoreFileTest, ManyThreadsRead) {
  const auto core = open(usual().build());
  core->attach("/bin/payments", memory_file(executable_file()));
  std::array<std::jthread, 4> threads;
  for (std::jthread& thread : threads)
    thread = std::jthread([&] {
      for (int round = 0; round < 2000; ++round) {
        EXPECT_EQ(text_at(*core, 0x402ffe, 4), "2233");
        EXPECT_EQ(text_at(*core, 0x600ffe, 4), "hhii");
        EXPECT_FALSE(core->read(0x700000, std::as_writable_bytes(std::span(&round, 1))));
      }
    });
  for (std::jthread& thread : threads) thread.join();
  EXPECT_EQ(core->bytes_unavailable(), kPage);
  EXPECT_EQ(core->bytes_read(), 4U * 2000 * 8);
}

}  // namespace
}  // namespace chanspect::target
