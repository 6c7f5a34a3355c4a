// Compressed cores, made by the programs that people make them with.

#include "target/core_compression.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "support/command.h"
#include "support/core_builder.h"
#include "support/core_of_program.h"
#include "support/go_program.h"

namespace chanspect::target {
namespace {

using chanspect::testing::output_of;
using ::testing::HasSubstr;

constexpr std::uint64_t kPage = 4096;

/// Where temporary files go while this lives.
class TemporaryFolder {
 public:
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread is there
  explicit TemporaryFolder(const std::string& path) { setenv("TMPDIR", path.c_str(), 1); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { unsetenv("TMPDIR"); }  // NOLINT(concurrency-mt-unsafe)
};

/// A folder for packed files, and a core of some megabytes: noise, zeros, noise that starts within
/// a page, zeros at the end.
class PackedCoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed): the same each time
    std::string noise(300 * kPage, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    const std::string zeros(700 * kPage, '\0');
    const std::string memory = noise + zeros + zeros.substr(0, 17) + noise.substr(17) + zeros;
    builder_.notes = testing::amd64_status(4242, 6, 1, 2, 3, 4);
    builder_.segments = {{0x10000000, memory.size(), PF_R | PF_W, memory}};
    plain_ = builder_.build();
    path_ = (folder_.path() / "the core's").string();
    std::ofstream(path_, std::ios::binary) << plain_;
  }

  /// The path of a compressed copy.
  std::string packed(const std::string& command, const std::string& name) {
    const std::string file = (folder_.path() / name).string();
    output_of(command + " < \"" + path_ + "\" > " + file);
    return file;
  }

  void expect_the_core(const std::string& file) {
    const auto core = CoreFile::open(file);
    ASSERT_TRUE(core) << core.error().message();
    EXPECT_EQ((*core)->facts().pid, 4242);
    EXPECT_FALSE((*core)->facts().truncated);
    EXPECT_EQ((*core)->path(), file);
    const std::string& memory = builder_.segments[0].saved;
    std::string got(memory.size(), '?');
    ASSERT_TRUE((*core)->read(0x10000000, std::as_writable_bytes(std::span(got))));
    EXPECT_TRUE(got == memory);
  }

  testing::CoreFolder folder_;
  testing::CoreBuilder builder_;
  std::string plain_, path_;
};

TEST_F(PackedCoreTest, EachKindIsReadByWhatItIsAndNotByItsName) {
  expect_the_core(packed("gzip -1", "core.zst"));
  expect_the_core(packed("zstd -q -3", "core.gz"));
  expect_the_core(packed("zstd -q -19 --long", "core"));
  expect_the_core(packed("xz -0", "core.txt"));
}

TEST_F(PackedCoreTest, FilesOfSeveralPartsAreOne) {
  expect_the_core(packed("{ head -c 1000000 | gzip -1; gzip -9; }", "members.gz"));
  expect_the_core(packed("{ head -c 1000000 | zstd -q; zstd -q; }", "frames.zst"));
  expect_the_core(packed("{ head -c 1000000 | xz -0; xz -0; }", "streams.xz"));
}

TEST_F(PackedCoreTest, ZerosTakeNoRoomAndTheFileHasNoName) {
  const auto count = [] { return std::distance(std::filesystem::directory_iterator("."), {}); };
  const TemporaryFolder temporary(folder_.path());
  const std::string file = packed("zstd -q", "core.zst");
  const auto before = count();
  const UniqueFd input(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  const auto unpacked = unpack_core(input, Compression::zstd, file);
  ASSERT_TRUE(unpacked) << unpacked.error().message();
  EXPECT_EQ(count(), before);
  struct stat status = {};
  ASSERT_EQ(fstat(unpacked->get(), &status), 0);
  EXPECT_EQ(static_cast<std::size_t>(status.st_size), plain_.size());
  EXPECT_LT(static_cast<std::uint64_t>(status.st_blocks) * 512, 620 * kPage);
}

TEST_F(PackedCoreTest, TellsHowFarItIs) {
  const std::string file = packed("gzip -1", "core.gz");
  const std::uint64_t size = std::filesystem::file_size(file);
  std::vector<std::uint64_t> done;
  const auto core = CoreFile::open(file, [&](std::uint64_t at, std::uint64_t all) {
    EXPECT_EQ(all, size);
    EXPECT_TRUE(done.empty() || done.back() < at);
    done.push_back(at);
  });
  ASSERT_TRUE(core);
  EXPECT_GT(done.size(), 5U);
  EXPECT_EQ(done.back(), size);
}

TEST_F(PackedCoreTest, AFileThatEndsTooEarlyIsACoreThatIsCutShort) {
  for (const std::string command : {"gzip -1", "zstd -q", "xz -0"}) {
    const std::string file = packed(command, "core");
    std::filesystem::resize_file(file, std::filesystem::file_size(file) * 3 / 4);
    const auto core = CoreFile::open(file);
    ASSERT_TRUE(core) << command << ": " << core.error().message();
    EXPECT_TRUE((*core)->facts().truncated) << command;
    EXPECT_GT((*core)->facts().bytes_missing, 700 * kPage) << command;
    std::string got(kPage, '?');
    ASSERT_TRUE((*core)->read(0x10000000, std::as_writable_bytes(std::span(got))));
    EXPECT_EQ(got, builder_.segments[0].saved.substr(0, kPage)) << command;
  }
}

TEST_F(PackedCoreTest, BrokenOnesAreRefused) {
  for (const std::string command : {"gzip -1", "zstd -q --check", "xz -0"}) {
    const std::string file = packed(command, "core");
    const auto size = std::filesystem::file_size(file);
    std::fstream spoilt(file, std::ios::in | std::ios::out | std::ios::binary);
    spoilt.seekp(static_cast<std::streamoff>(size / 2));
    spoilt << "no compressor wrote this, of that you can be sure";
    spoilt.close();
    const auto core = CoreFile::open(file);
    ASSERT_FALSE(core) << command;
    EXPECT_EQ(core.error().code, ErrorCode::bad_data);
    EXPECT_EQ(core.error().what, "cannot unpack core " + file);
    EXPECT_THAT(core.error().why, HasSubstr("broken")) << command;
  }
}

TEST_F(PackedCoreTest, WhatIsPackedMayBeNoCore) {
  const std::string file = (folder_.path() / "text.gz").string();
  output_of("echo hello | gzip > " + file);
  EXPECT_EQ(CoreFile::open(file).error().why, "it is a text");
}

TEST_F(PackedCoreTest, OtherKindsAreNamedWithTheCommandThatUnpacksThem) {
  const auto hint_of = [&](const std::string& magic) {
    const std::string file = (folder_.path() / "it's").string();
    std::ofstream(file, std::ios::binary) << magic << std::string(1000, 'x');
    const auto core = CoreFile::open(file);
    EXPECT_EQ(core.error().code, ErrorCode::unsupported);
    return core.error().hint;
  };
  const std::string quoted = "'" + folder_.path().string() + "/it'\\''s'";
  EXPECT_EQ(hint_of("\x04\x22\x4d\x18"), "lz4 -d " + quoted);
  EXPECT_EQ(hint_of("BZh9"), "bzip2 -dk " + quoted);
}

TEST_F(PackedCoreTest, WindowsThatTakeTooMuchMemoryAreRefusedWithACure) {
  const std::string file = packed("zstd -q --long=30", "core.zst");
  // The window of small contents is small: claim a large one, as a core of many gigabytes does.
  std::fstream header(file, std::ios::in | std::ios::out | std::ios::binary);
  header.seekp(4);
  header.write("\x04\xa0", 2);  // no content size; a window of 2^30 bytes
  header.close();
  const auto core = CoreFile::open(file);
  ASSERT_FALSE(core);
  EXPECT_EQ(core.error().code, ErrorCode::unsupported);
  EXPECT_THAT(core.error().hint, HasSubstr("zstd -d --long=31"));
}

TEST_F(PackedCoreTest, AFolderThatCannotBeWrittenToIsNamed) {
  const TemporaryFolder temporary("/proc");
  const auto core = CoreFile::open(packed("gzip -1", "core.gz"));
  ASSERT_FALSE(core);
  EXPECT_EQ(core.error().code, ErrorCode::io);
  EXPECT_THAT(core.error().why, HasSubstr("/proc"));
  EXPECT_THAT(core.error().hint, HasSubstr("TMPDIR"));
}

TEST_F(PackedCoreTest, WithoutRoomItStopsAndSaysSo) {
  const std::string disk = (folder_.path() / "small").string();
  std::filesystem::create_directory(disk);
  // In a mount namespace of our own, which goes when we go.
  if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
    GTEST_SKIP() << "no mount namespace for us";
  ASSERT_EQ(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  ASSERT_EQ(mount("none", disk.c_str(), "tmpfs", 0, "size=66m"), 0);
  // 64 MB are left free: there is room for 2.
  std::mt19937_64 random(2);  // NOLINT(bugprone-random-generator-seed): the same each time
  builder_.segments[0].saved.resize(40 << 20);
  for (char& c : builder_.segments[0].saved) c = static_cast<char>(random());
  std::ofstream(path_, std::ios::binary) << builder_.build();
  const TemporaryFolder temporary(disk);
  const auto core = CoreFile::open(packed("gzip -1", "core.gz"));
  umount(disk.c_str());
  ASSERT_FALSE(core);
  EXPECT_EQ(core.error().code, ErrorCode::io);
  EXPECT_THAT(core.error().why, HasSubstr("no room for it in " + disk));
  EXPECT_THAT(core.error().hint, HasSubstr("TMPDIR"));
}

TEST_F(PackedCoreTest, ARealOneIsTheSameAsPlain) {
  if (const auto why = testing::no_kernel_core(); !why.empty()) GTEST_SKIP() << why;
  testing::GoProcess process({testing::go_program("hello", "1.27.4")});
  ASSERT_TRUE(process.line().starts_with("ready"));
  path_ = folder_.kernel_core(process.pid());
  const auto plain = CoreFile::open(path_);
  const auto unpacked = CoreFile::open(packed("zstd -q -1", "packed.zst"));
  ASSERT_TRUE(plain && unpacked);
  ASSERT_EQ((*plain)->mappings().size(), (*unpacked)->mappings().size());
  for (const CoreMapping& mapping : (*plain)->mappings()) {
    std::vector<std::byte> a(mapping.saved), b(mapping.saved);
    ASSERT_TRUE((*plain)->read(mapping.memory.address, a));
    ASSERT_TRUE((*unpacked)->read(mapping.memory.address, b));
    EXPECT_TRUE(a == b) << std::hex << mapping.memory.address;
  }
}

}  // namespace
}  // namespace chanspect::target
