// Cores of real programs: what the core says is what the running program held just before.

#include "support/core_of_program.h"

#include <elf.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "support/go_program.h"
#include "target/core_file.h"
#include "target/live_memory.h"
#include "target/proc_file.h"
#include "target/stopped_threads.h"

namespace chanspect::target {
namespace {

using chanspect::testing::CoreFolder;
using chanspect::testing::go_program;
using chanspect::testing::GoProcess;

constexpr std::uint64_t kPage = 4096;

/// A line of /proc/PID/maps, and what could be read there.
struct LiveMapping {
  Range memory;
  bool writable = false;
  std::string path;
  std::vector<std::byte> bytes;
};

/// All of a process that can be read and that cores keep.
std::vector<LiveMapping> read_all(pid_t pid) {
  const auto memory = LiveMemory::open(pid);
  if (!memory) throw std::runtime_error(memory.error().message());
  std::vector<LiveMapping> mappings;
  std::istringstream maps(read_whole("/proc/" + std::to_string(pid) + "/maps"));
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::string range, flags, offset, device, inode;
    LiveMapping mapping;
    words >> range >> flags >> offset >> device >> inode >> mapping.path;
    const std::size_t dash = range.find('-');
    mapping.memory.address = std::stoull(range.substr(0, dash), nullptr, 16);
    mapping.memory.size = std::stoull(range.substr(dash + 1), nullptr, 16) - mapping.memory.address;
    mapping.writable = flags[1] == 'w';
    // The kernel's own pages change by themselves.
    if (flags[0] != 'r' || mapping.path.starts_with("[v")) continue;
    mapping.bytes.resize(mapping.memory.size);
    if ((*memory)->read(mapping.memory.address, mapping.bytes)) mappings.push_back(mapping);
  }
  return mappings;
}

/// Lends the core every file that it lists.
void attach_all(CoreFile& core) {
  std::set<std::string> paths;
  for (const FileMapping& file : core.files()) paths.insert(file.path);
  for (const std::string& path : paths)
    core.attach(path, UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC)));
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

struct Compared {
  std::size_t same = 0, other = 0, missing = 0;
};

/// Page by page. Missing pages may only be such as were never written.
Compared compare(const CoreFile& core, const LiveMapping& live) {
  Compared compared;
  std::vector<std::byte> page(kPage);
  for (std::uint64_t at = 0; at < live.memory.size; at += kPage) {
    const auto truth = std::span(live.bytes).subspan(at, kPage);
    if (!core.read(live.memory.address + at, page)) {
      ++compared.missing;
      EXPECT_TRUE(!live.path.empty() || all_zero(truth)) << std::hex << live.memory.address + at;
    } else if (std::ranges::equal(page, truth)) {
      ++compared.same;
    } else {
      ++compared.other;
    }
  }
  return compared;
}

void expect_registers(const CoreFile& core, const std::vector<ThreadRegisters>& truth) {
  ASSERT_EQ(core.threads().size(), truth.size());
  std::map<pid_t, ThreadRegisters> by_tid;
  for (const ThreadRegisters& thread : core.threads()) by_tid[thread.tid] = thread;
  for (const ThreadRegisters& thread : truth) {
    const ThreadRegisters& got = by_tid[thread.tid];
    EXPECT_EQ(got.pc, thread.pc) << thread.tid;
    EXPECT_EQ(got.sp, thread.sp) << thread.tid;
    EXPECT_EQ(got.bp, thread.bp) << thread.tid;
    EXPECT_EQ(got.lr, thread.lr) << thread.tid;
    EXPECT_EQ(got.tls, thread.tls) << thread.tid;
    EXPECT_EQ(got.own_tid, thread.own_tid) << thread.tid;
  }
}

/// Everything of a process that stands still.
void expect_same(const CoreFile& core, const std::vector<LiveMapping>& live) {
  std::size_t same = 0;
  for (const LiveMapping& mapping : live) {
    const Compared compared = compare(core, mapping);
    EXPECT_EQ(compared.other, 0U) << mapping.path << std::hex << mapping.memory.address;
    // Files fill what nobody can have written to.
    const bool from_file = !mapping.writable && !mapping.path.empty();
    EXPECT_TRUE(!from_file || compared.missing == 0)
        << mapping.path << std::hex << mapping.memory.address;
    same += compared.same;
  }
  EXPECT_GT(same, 100U);
}

std::unique_ptr<CoreFile> open_core(const std::string& path) {
  auto core = CoreFile::open(path);
  if (!core) throw std::runtime_error(core.error().message());
  return std::move(*core);
}

/// A child with some threads that do nothing, which a signal finds as they were.
class Idle {
 public:
  Idle() {
    int ready[2];
    if (pipe(ready) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      for (int i = 0; i < 3; ++i)
        std::thread([&] {
          (void)!write(ready[1], "r", 1);
          for (;;) pause();
        }).detach();
      for (;;) pause();
    }
    char byte = 0;
    for (int i = 0; i < 3; ++i) (void)!::read(ready[0], &byte, 1);
    close(ready[0]);
    close(ready[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // until all are in pause()
  }
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;
  ~Idle() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

TEST(CoreOfProgramTest, TheKernelsHoldsWhatTheProcessHeld) {
  if (const auto why = testing::no_kernel_core(); !why.empty()) GTEST_SKIP() << why;
  const CoreFolder folder;
  const Idle child;
  std::vector<ThreadRegisters> registers;
  {
    const auto stopped = StoppedThreads::stop(child.pid());
    ASSERT_TRUE(stopped);
    registers = stopped->registers();
  }
  const auto live = read_all(child.pid());
  const auto core = open_core(folder.kernel_core(child.pid()));
  attach_all(*core);

  EXPECT_EQ(core->facts().pid, child.pid());
  EXPECT_EQ(core->facts().signal, SIGABRT);
  EXPECT_EQ(core->facts().name, "target_test");
  EXPECT_FALSE(core->facts().truncated);
  EXPECT_NE(core->facts().vdso, 0U);
  EXPECT_EQ(registers.size(), 4U);
  expect_registers(*core, registers);
  expect_same(*core, live);
}

struct Program {
  std::string name, release;
};

/// The classes of cores over programs and releases.
class CoreOfGoProgramTest : public ::testing::TestWithParam<Program> {
 protected:
  std::string executable() const { return go_program(GetParam().name, GetParam().release); }

  void expect_facts(const CoreFile& core, pid_t pid) const {
    const CoreFacts& facts = core.facts();
    EXPECT_EQ(facts.pid, pid);
    EXPECT_TRUE(executable().find("/" + facts.name) != std::string::npos) << facts.name;
    EXPECT_TRUE(executable().starts_with(facts.arguments.substr(0, 79))) << facts.arguments;
    EXPECT_EQ(facts.page_size, kPage);
    EXPECT_FALSE(facts.truncated);
    EXPECT_EQ(facts.ignored_segments, 0U);
    EXPECT_TRUE(std::ranges::any_of(core.files(), [&](const FileMapping& file) {
      return file.path == executable() && file.memory.contains(facts.entry_point);
    }));
  }
};

TEST_P(CoreOfGoProgramTest, GcoresHoldsWhatTheProcessHeld) {
  const CoreFolder folder;
  GoProcess process({executable()});
  ASSERT_TRUE(process.line().starts_with("ready"));
  kill(process.pid(), SIGSTOP);
  std::vector<ThreadRegisters> registers;
  {
    const auto stopped = StoppedThreads::stop(process.pid());
    ASSERT_TRUE(stopped);
    registers = stopped->registers();
  }
  const auto live = read_all(process.pid());
  const auto core = open_core(folder.gcore(process.pid()));
  attach_all(*core);
  expect_facts(*core, process.pid());
  EXPECT_EQ(core->facts().signal, 0);
  expect_registers(*core, registers);
  expect_same(*core, live);
}

/// The program handles the signal that kills it, prints all its goroutines and only then dumps, so
/// that some of its memory has moved on.
TEST_P(CoreOfGoProgramTest, TheKernelsHoldsWhatTheProcessHeld) {
  if (const auto why = testing::no_kernel_core(); !why.empty()) GTEST_SKIP() << why;
  const CoreFolder folder;
  GoProcess process({executable()});
  ASSERT_TRUE(process.line().starts_with("ready"));
  const auto live = read_all(process.pid());
  const auto threads = numbered_entries("/proc/" + std::to_string(process.pid()) + "/task");
  const auto core = open_core(folder.kernel_core(process.pid()));
  attach_all(*core);
  expect_facts(*core, process.pid());
  EXPECT_EQ(core->facts().signal, SIGABRT);

  std::set<pid_t> tids;
  for (const ThreadRegisters& thread : core->threads()) tids.insert(thread.tid);
  for (const pid_t tid : threads) EXPECT_TRUE(tids.contains(tid)) << tid;

  Compared writable;
  for (const LiveMapping& mapping : live) {
    const Compared compared = compare(*core, mapping);
    if (mapping.writable) {
      writable.same += compared.same;
      writable.other += compared.other;
    } else if (!mapping.path.empty()) {
      EXPECT_EQ(compared.other, 0U) << mapping.path << std::hex << mapping.memory.address;
      EXPECT_EQ(compared.missing, 0U) << mapping.path << std::hex << mapping.memory.address;
    }
  }
  EXPECT_GT(writable.same, 20 * writable.other);
}

INSTANTIATE_TEST_SUITE_P(Programs, CoreOfGoProgramTest,
                         ::testing::Values(Program{"hello", "1.19"}, Program{"hello", "1.25.8"},
                                           Program{"hello", "1.27.4"}, Program{"cgo", "1.19"},
                                           Program{"cgo", "1.25.8"}, Program{"cgo", "1.27.4"},
                                           Program{"waits", "1.19"}, Program{"waits", "1.25.8"},
                                           Program{"waits", "1.27.4"}),
                         [](const auto& program) {
                           std::string name = program.param.name + program.param.release;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

/// The kernel's core of a small Go program, and a copy to be spoilt.
class SpoiltCoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = testing::no_kernel_core(); !why.empty()) GTEST_SKIP() << why;
    GoProcess process({go_program("hello", "1.27.4")});
    ASSERT_TRUE(process.line().starts_with("ready"));
    path_ = folder_.kernel_core(process.pid());
    whole_ = open_core(path_);
    copy_ = (folder_.path() / "copy").string();
    testing::output_of("cp --sparse=always " + path_ + " " + copy_);
  }

  /// Some bytes of each mapping: they are the true ones, or there are none.
  void expect_true_or_none(const CoreFile& core) {
    std::array<std::byte, 64> got{}, truth{};
    for (const CoreMapping& mapping : whole_->mappings()) {
      for (int i = 0; i < 8 && mapping.saved > got.size(); ++i) {
        const Address at = mapping.memory.address + random_() % (mapping.saved - got.size());
        ASSERT_TRUE(whole_->read(at, truth));
        EXPECT_TRUE(!core.read(at, got) || got == truth) << std::hex << at;
      }
    }
  }

  CoreFolder folder_;
  std::mt19937_64 random_{1};  // NOLINT(bugprone-random-generator-seed): the same each time
  std::string path_, copy_;
  std::unique_ptr<CoreFile> whole_;
};

TEST_F(SpoiltCoreTest, CutAtAnyLengthItGivesWhatIsLeft) {
  std::uint64_t length = std::filesystem::file_size(copy_);
  int opened = 0;
  for (; length > 0; length -= 1 + random_() % (length / 20 + 1)) {
    std::filesystem::resize_file(copy_, length);
    const auto core = CoreFile::open(copy_);
    if (!core) {
      EXPECT_EQ(core.error().code, ErrorCode::bad_data);
      continue;
    }
    ++opened;
    const CoreFacts& facts = (*core)->facts();
    EXPECT_EQ(facts.bytes_saved + facts.bytes_missing >= whole_->facts().bytes_saved, true);
    expect_true_or_none(**core);
  }
  EXPECT_GT(opened, 50);
}

TEST_F(SpoiltCoreTest, WithFlippedBitsInItsHeadersItOpensOrSaysWhyNot) {
  const UniqueFd file(open(copy_.c_str(), O_RDWR | O_CLOEXEC));
  int opened = 0, refused = 0;
  for (int round = 0; round < 2000; ++round) {
    // In the file's header, those of segments, and the notes.
    static constexpr std::array kWithin = {64, 2000, 20'000};
    const auto at = static_cast<off_t>(random_() % kWithin[round % kWithin.size()]);
    const auto bit = static_cast<unsigned char>(1U << (random_() % 8));
    unsigned char byte = 0;
    ASSERT_EQ(pread(file.get(), &byte, 1, at), 1);
    const unsigned char flipped = byte ^ bit;
    ASSERT_EQ(pwrite(file.get(), &flipped, 1, at), 1);
    const auto core = CoreFile::open(copy_);
    if (core) {
      ++opened;
      std::array<std::byte, 64> bytes{};
      for (const CoreMapping& mapping : (*core)->mappings()) {
        const auto read = (*core)->read(mapping.memory.address + mapping.memory.size / 2, bytes);
        EXPECT_TRUE(read || read.error().code == ErrorCode::unreadable);
      }
      EXPECT_LE((*core)->threads().size(), 1000U);
    } else {
      ++refused;
      EXPECT_FALSE(core.error().message().empty());
    }
    ASSERT_EQ(pwrite(file.get(), &byte, 1, at), 1);
  }
  EXPECT_GT(opened, 1000);
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace chanspect::target
