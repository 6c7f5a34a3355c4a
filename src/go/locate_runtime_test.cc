#include "go/locate_runtime.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "go/variables_in_code.h"
#include "support/command.h"
#include "support/emulated_core.h"
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

/// A copy of a program, which goes with its scope.
class Copy {
 public:
  explicit Copy(const std::string& program) {
    fs::copy_file(program, path_, fs::copy_options::overwrite_existing);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() { fs::remove(path_); }

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
    return path;
  }

  void write(std::uint64_t offset, std::string_view bytes) const {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  std::string path_ = temporary();
};

/// ... without its symbols.
struct Stripped : Copy {
  explicit Stripped(const std::string& program) : Copy(program) { output_of("strip " + path()); }
};

/// A program, running or in a core, whose file is looked at without its symbols.
struct Scene {
  Scene(const chanspect::testing::GoTarget& its_target, const std::string& stripped)
      : target(its_target),
        elf(must(binary::Elf::open(stripped))),
        image(*target.memory, elf, target.bias, target.release.arch) {}

  const chanspect::testing::GoTarget& target;
  binary::Elf elf;
  RunningImage image;
};

void expect_truth(const RuntimeVariables& found, const chanspect::testing::GoTarget& target) {
  EXPECT_EQ(found.allglen, target.symbol("runtime.allglen"));
  EXPECT_EQ(found.allgptr, target.symbol("runtime.allgptr"));
  EXPECT_EQ(found.allp, target.symbol("runtime.allp"));
  EXPECT_EQ(found.allm, target.symbol("runtime.allm"));
  EXPECT_EQ(found.sched, target.symbol("runtime.sched"));
  EXPECT_EQ(found.semtable, target.symbol("runtime.semtable"));
  EXPECT_EQ(found.memstats, target.symbol("runtime.memstats"));
  EXPECT_EQ(found.firstmoduledata, target.symbol("runtime.firstmoduledata"));
  EXPECT_EQ(found.wait_reason_strings, target.symbol("runtime.waitReasonStrings"));
  EXPECT_EQ(found.dbgvars, target.symbol("runtime.dbgvars"));
}

void expect_all_found(const chanspect::testing::GoTarget& target, const std::string& stripped) {
  const Scene scene(target, stripped);
  const auto located = locate_runtime(scene.image, target.layout);
  ASSERT_TRUE(located) << located.error().message();
  expect_truth(located->variables, target);
  EXPECT_THAT(located->source, HasSubstr("allgs by code of runtime.allgadd"));
  EXPECT_THAT(located->source, Not(HasSubstr("unknown")));
  EXPECT_GT(located->functions.size(), 1000U);
}

/// The list of goroutines by its look alone: of the same g's, in the slice that the runtime grows.
void expect_allgs_by_look(const chanspect::testing::GoTarget& target, const std::string& stripped) {
  const Scene scene(target, stripped);
  RuntimeVariables variables;
  Findings findings;
  find_allgs_by_look(scene.image, target.functions(), target.layout, variables, findings);
  EXPECT_EQ(variables.allgptr, target.symbol("runtime.allgs"));
  EXPECT_EQ(variables.allglen, target.symbol("runtime.allgs") + 8);
  EXPECT_EQ(findings.size(), 1U);
}

/// Programs of ours say so in a line of its own.
void wait_until_ready(auto& process) {
  std::string line = process.line();
  while (!line.empty() && !line.starts_with("ready") && line != "done") line = process.line();
  if (line.empty()) throw std::runtime_error("the program does not run");
}

std::vector<std::string> all_releases() {
  auto releases = chanspect::testing::go_releases();
  releases.insert(releases.end(), {"1.18.10", "1.20.14"});
  return releases;
}

struct Build {
  const char* flags;
  const char* name;
  const char* program = "hello";
};
constexpr Build kPlain = {"", "Plain", "semaphores"};
constexpr Build kOthers[] = {
    {"-buildmode=pie", "Pie"},
    {"-buildmode=pie -ldflags=-linkmode=external", "ExternalPie"},
    {"-ldflags=-linkmode=external", "External"},
    {"-race", "Race"},
    {"-gcflags=all=-l", "NothingInlined"},
};

class LocateStripped : public ::testing::TestWithParam<std::tuple<std::string, Build>> {};

TEST_P(LocateStripped, FindsWhatTheSymbolsSaid) {
  const auto& [release, build] = GetParam();
  const std::string program = go_program(build.program, release, build.flags);
  GoProcess process({program});
  wait_until_ready(process);
  const chanspect::testing::GoTarget target(process.pid());
  const Stripped stripped(program);
  expect_all_found(target, stripped.path());
  stripped.drop_section_headers();
  expect_all_found(target, stripped.path());
  expect_allgs_by_look(target, stripped.path());
}

std::string name_of_test(const ::testing::TestParamInfo<std::tuple<std::string, Build>>& test) {
  const auto& [release, build] = test.param;
  std::string name = "Go" + release + "_" + build.name;
  std::ranges::replace(name, '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(AllReleases, LocateStripped,
                         ::testing::Combine(::testing::ValuesIn(all_releases()),
                                            ::testing::Values(kPlain)),
                         name_of_test);
INSTANTIATE_TEST_SUITE_P(OtherBuilds, LocateStripped,
                         ::testing::Combine(::testing::Values("1.19", "1.27.4"),
                                            ::testing::ValuesIn(kOthers)),
                         name_of_test);

class LocateInArm64Core : public ::testing::TestWithParam<std::string> {};

TEST_P(LocateInArm64Core, FindsWhatTheSymbolsSaid) {
  const std::string program = go_program("hello", GetParam(), "", "arm64");
  chanspect::testing::EmulatedProgram process(program);
  wait_until_ready(process);
  auto core = process.dump_core();
  const Address entry = core->facts().entry_point;
  const chanspect::testing::GoTarget target(program, std::move(core), entry);
  const Copy stripped(program);
  stripped.drop_section_headers();
  expect_all_found(target, stripped.path());
  expect_allgs_by_look(target, stripped.path());
}

INSTANTIATE_TEST_SUITE_P(SomeReleases, LocateInArm64Core,
                         ::testing::Values("1.19", "1.22.12", "1.27.4"), [](const auto& test) {
                           std::string name = "Go" + test.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace chanspect::go
