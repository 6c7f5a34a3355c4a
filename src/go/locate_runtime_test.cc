#include "go/locate_runtime.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "support/command.h"
#include "support/go_target.h"

// The truth is the symbol table of the same program before it was stripped.

namespace chanspect::go {
namespace {

using chanspect::testing::go_program;
using chanspect::testing::GoProcess;
using chanspect::testing::must;
using chanspect::testing::output_of;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

/// A copy of a program without symbols, which goes with its scope.
class Stripped {
 public:
  explicit Stripped(const std::string& program) { output_of("strip -o " + path_ + " " + program); }
  Stripped(const Stripped&) = delete;
  Stripped& operator=(const Stripped&) = delete;
  ~Stripped() { fs::remove(path_); }

  /// Overwrites a part of the file header or of the contents.
  void write(std::uint64_t offset, std::string_view bytes) const {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  /// As sstrip and strip --strip-section-headers leave it.
  void drop_section_headers() const {
    write(offsetof(Elf64_Ehdr, e_shoff), std::string(8, '\0'));
    write(offsetof(Elf64_Ehdr, e_shnum), std::string(4, '\0'));
  }

  const std::string& path() const { return path_; }

 private:
  static std::string temporary() {
    std::string path = fs::temp_directory_path() / "chanspect-stripped-XXXXXX";
    close(mkstemp(path.data()));
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }
  std::string path_ = temporary();
};

/// A running program and what its unstripped twin calls its variables.
struct Scene {
  Scene(const std::string& program, const std::string& truth)
      : process({program}), twin(must(binary::Elf::open(truth))) {
    if (!process.line().starts_with("ready")) throw std::runtime_error(program + " does not run");
    elf.emplace(must(binary::Elf::open("/proc/" + std::to_string(process.pid()) + "/exe")));
    memory = must(target::LiveMemory::open(process.pid()));
    layout = must(layout_from_table(must(parse_release(must(read_build_info(twin)).version))));
    if (elf->type() == ET_DYN) bias = must(target::entry_point(process.pid())) - elf->entry();
    image.emplace(*memory, *elf, bias, Arch::amd64);
  }

  Address truth(std::string_view name) const {
    const auto found = twin.find_symbols(std::span(&name, 1))[0];
    return found ? found->address + bias : 0;
  }

  GoProcess process;
  binary::Elf twin;
  std::optional<binary::Elf> elf;
  std::unique_ptr<target::LiveMemory> memory;
  RuntimeLayout layout;
  Address bias = 0;
  std::optional<RunningImage> image;
};

void expect_truth(const Scene& scene, const RuntimeVariables& found) {
  EXPECT_EQ(found.allglen, scene.truth("runtime.allglen"));
  EXPECT_EQ(found.allgptr, scene.truth("runtime.allgptr"));
  EXPECT_EQ(found.allp, scene.truth("runtime.allp"));
  EXPECT_EQ(found.allm, scene.truth("runtime.allm"));
  EXPECT_EQ(found.sched, scene.truth("runtime.sched"));
  EXPECT_EQ(found.semtable, scene.truth("runtime.semtable"));
  EXPECT_EQ(found.memstats, scene.truth("runtime.memstats"));
  EXPECT_EQ(found.firstmoduledata, scene.truth("runtime.firstmoduledata"));
  EXPECT_EQ(found.wait_reason_strings, scene.truth("runtime.waitReasonStrings"));
  EXPECT_EQ(found.dbgvars, scene.truth("runtime.dbgvars"));
}

void expect_all_found(const std::string& program, const std::string& truth) {
  const Scene scene(program, truth);
  ASSERT_NE(scene.truth("runtime.allgptr"), 0);
  const auto located = locate_runtime(*scene.image, scene.layout);
  ASSERT_TRUE(located) << located.error().message();
  expect_truth(scene, located->variables);
  EXPECT_THAT(located->source, Not(HasSubstr("unknown")));
  EXPECT_GT(located->functions.size(), 1000U);
}

std::vector<std::string> all_releases() {
  auto releases = chanspect::testing::go_releases();
  releases.insert(releases.end(), {"1.18.10", "1.20.14"});
  return releases;
}

struct Build {
  const char* flags;
  const char* name;
};
constexpr Build kBuilds[] = {
    {"", "Plain"},
    {"-buildmode=pie", "Pie"},
    {"-buildmode=pie -ldflags=-linkmode=external", "ExternalPie"},
    {"-ldflags=-linkmode=external", "External"},
    {"-race", "Race"},
    {"-gcflags=all=-l", "NothingInlined"},
};

class LocateStripped : public ::testing::TestWithParam<std::tuple<std::string, Build>> {};

TEST_P(LocateStripped, FindsWhatTheSymbolsSaid) {
  const auto& [release, build] = GetParam();
  const std::string program = go_program("hello", release, build.flags);
  const Stripped stripped(program);
  expect_all_found(stripped.path(), program);
  stripped.drop_section_headers();
  expect_all_found(stripped.path(), program);
}

INSTANTIATE_TEST_SUITE_P(AllReleases, LocateStripped,
                         ::testing::Combine(::testing::ValuesIn(all_releases()),
                                            ::testing::ValuesIn(kBuilds)),
                         [](const auto& test) {
                           std::string name =
                               "Go" + std::get<0>(test.param) + "_" + std::get<1>(test.param).name;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace chanspect::go
