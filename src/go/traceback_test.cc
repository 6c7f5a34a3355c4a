#include "go/traceback.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <variant>

#include "go/shown_frames.h"
#include "support/emulated_core.h"
#include "support/go_target.h"
#include "support/stack_text.h"

namespace chanspect::go {
namespace {

using testing::EmulatedProgram;
using testing::GoProcess;
using testing::GoTarget;
using testing::TextFrame;
using testing::TextGoroutine;

// runtime2.go: g.atomicstatus
constexpr std::uint32_t kRunning = 2, kDead = 6, kScan = 0x1000;

/// What unwinding needs of a g, and its stack.
struct Goroutine {
  std::uint64_t id = 0;
  std::uint32_t status = 0;
  Address gopc = 0;
  UnwindStart start;
  std::vector<std::byte> stack;

  StackWindow window(std::size_t limit = SIZE_MAX) const {
    return {start.sp, Bytes(stack).first(std::min(limit, stack.size()))};
  }
};

Goroutine read_goroutine(const GoTarget& target, Address address) {
  std::vector<std::byte> bytes(target.layout.g.size);
  target.must_read(address, bytes);
  const Structure g(bytes, target.layout.g);
  Goroutine goroutine;
  goroutine.id = g[&GLayout::goid];
  goroutine.status = g[&GLayout::atomicstatus] & ~kScan;
  goroutine.gopc = g[&GLayout::gopc];
  UnwindStart& start = goroutine.start;
  start.in_syscall = g[&GLayout::syscallsp] != 0;
  start.pc = start.in_syscall ? g[&GLayout::syscallpc] : g[&GLayout::sched_pc];
  start.sp = start.in_syscall ? g[&GLayout::syscallsp] : g[&GLayout::sched_sp];
  start.lr = start.in_syscall ? 0 : g[&GLayout::sched_lr];
  start.stack_hi = g[&GLayout::stack_hi];
  if (start.sp != 0 && start.sp < start.stack_hi && start.stack_hi - start.sp < (64U << 20)) {
    goroutine.stack.resize(start.stack_hi - start.sp);
    target.must_read(start.sp, goroutine.stack);
  }
  return goroutine;
}

/// As traceback.go prints a function's name (printFuncName).
std::string printed_name(std::string_view name) {
  if (name == "runtime.gopanic") return "panic";
  const std::size_t open = name.find('[');
  const std::size_t close = name.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos) return std::string(name);
  return std::string(name.substr(0, open)) + "[...]" + std::string(name.substr(close + 1));
}

constexpr std::size_t kMostFrames = 100;  // that runtime.Stack prints

/// The shown frames of a stack, as runtime.Stack would print them.
std::vector<TextFrame> print(const snapshot::Snapshot& snapshot, snapshot::StackId id,
                             std::span<const std::uint64_t> words) {
  std::vector<TextFrame> text;
  const snapshot::Stack& stack = snapshot.stacks.at(id);
  std::size_t word = 0;
  for (std::uint32_t i = 0; i < stack.count; ++i) {
    const snapshot::StackFrame& place = snapshot.stack_frames.at(stack.first + i);
    if (place.hidden) continue;
    const snapshot::Frame& frame = snapshot.frames.at(place.frame);
    TextFrame& line = text.emplace_back();
    line.function = printed_name(snapshot.strings[frame.function]);
    line.file = snapshot.strings[frame.file];
    line.line = frame.line;
    line.offset = frame.offset;
    if (frame.inlined) line.arguments = "...";
    for (const char c : snapshot.strings[frame.arguments]) {
      if (c != '\x01' && c != '\x02') {
        line.arguments += c;
        continue;
      }
      line.arguments += fmt::format("{:#x}{}", words[word++], c == '\x02' ? "?" : "");
    }
  }
  EXPECT_EQ(word, words.size());
  return text;
}

/// What runtime.Stack leaves of a long stack: the inner and outer 50 frames from 1.21 on. Before,
/// it stopped after 100 functions, hidden ones and all.
std::vector<TextFrame> elide(std::vector<TextFrame> frames, const snapshot::Snapshot& snapshot,
                             const snapshot::Stack& stack, const Release& release) {
  if (release.minor >= 21) {
    if (frames.size() > kMostFrames)
      frames.erase(frames.begin() + kMostFrames / 2, frames.end() - kMostFrames / 2);
    return frames;
  }
  std::size_t functions = 0;
  std::size_t shown = 0;
  for (std::uint32_t i = 0; i < stack.count && functions < kMostFrames; ++i) {
    const snapshot::StackFrame& place = snapshot.stack_frames.at(stack.first + i);
    if (!snapshot.frames.at(place.frame).inlined) ++functions;
    if (!place.hidden) ++shown;
  }
  frames.resize(shown);
  return frames;
}

/// Fails with the first frame that differs.
void expect_same(const std::vector<TextFrame>& ours, const std::vector<TextFrame>& truth,
                 std::uint64_t id) {
  const auto [mine, theirs] = std::ranges::mismatch(ours, truth);
  if (mine != ours.end() && theirs != truth.end())
    ADD_FAILURE() << "goroutine " << id << " frame " << mine - ours.begin() << "\n  " << *mine
                  << "\n  is truly\n  " << *theirs;
  EXPECT_EQ(ours.size(), truth.size()) << "goroutine " << id;
}

struct Build {
  std::string release;
  std::string flags;
  std::string program = "stacks";
  std::size_t goroutines = 80;  ///< more than these
  std::string goarch = "amd64";

  std::string binary() const { return testing::go_program(program, release, flags, goarch); }

  friend std::ostream& operator<<(std::ostream& out, const Build& build) {
    return out << build.release << " " << build.flags << " " << build.goarch;
  }
};

/// A program frozen by itself, with its own account of its stacks: a process, or the core of one
/// that an emulator ran.
class Frozen {
 public:
  explicit Frozen(const Build& build)
      : binary_(build.binary()),
        process_(start(build, binary_)),
        truth(read_truth()),
        target(open()) {}

 private:
  using Process = std::variant<std::unique_ptr<GoProcess>, std::unique_ptr<EmulatedProgram>>;

  static Process start(const Build& build, const std::string& binary) {
    if (build.goarch == "amd64") return std::make_unique<GoProcess>(std::vector{binary});
    return std::make_unique<EmulatedProgram>(binary);
  }

  std::map<std::uint64_t, TextGoroutine> read_truth() {
    std::string text;
    for (;;) {
      const std::string line = std::visit([](auto& process) { return process->line(); }, process_);
      if (line == "=== good") return testing::read_stack_text(text);
      if (line == "=== stale") {
        text.clear();
        continue;
      }
      text += line + "\n";
      if (text.size() > (16U << 20)) throw std::runtime_error("no end of the stacks");
    }
  }

  GoTarget open() {
    if (const auto* process = std::get_if<std::unique_ptr<GoProcess>>(&process_))
      return GoTarget((*process)->pid());
    auto core = std::get<std::unique_ptr<EmulatedProgram>>(process_)->dump_core();
    const Address entry_point = core->facts().entry_point;
    return GoTarget(binary_, std::move(core), entry_point);
  }

  std::string binary_;
  Process process_;

 public:
  std::map<std::uint64_t, TextGoroutine> truth;
  GoTarget target;
};

class Traceback : public ::testing::TestWithParam<Build> {};

TEST_P(Traceback, PrintsWhatTheRuntimePrints) {
  Frozen frozen(GetParam());
  ASSERT_GT(frozen.truth.size(), GetParam().goroutines);
  const FunctionTable functions = frozen.target.functions();
  StackTrie trie(functions);
  struct Traced {
    Goroutine goroutine;
    StackTrie::Outcome outcome;
    std::vector<std::uint64_t> words;
  };
  std::vector<Traced> all;
  for (const Address address : frozen.target.all_g()) {
    Traced traced{read_goroutine(frozen.target, address), {}, {}};
    if (traced.goroutine.stack.empty() || traced.goroutine.status == kDead) continue;
    traced.outcome = trie.trace(traced.goroutine.start, traced.goroutine.window(), StackDepth::full,
                                &traced.words);
    all.push_back(std::move(traced));
  }
  snapshot::Snapshot snapshot;
  const auto ids = trie.add_to(snapshot);
  std::size_t compared = 0;
  for (const Traced& traced : all) {
    const std::uint64_t id = traced.goroutine.id;
    ASSERT_NE(traced.outcome.node, StackTrie::kNoNode) << id;
    const snapshot::StackId stack = ids.at(traced.outcome.node);
    ASSERT_NE(stack, snapshot::kNone);
    const auto frames = print(snapshot, stack, traced.words);
    const auto found = frozen.truth.find(id);
    if (id == 1 || found == frozen.truth.end()) continue;  // running; one of the runtime's own
    EXPECT_EQ(traced.outcome.end, StackTrie::Outcome::End::complete) << "goroutine " << id;
    EXPECT_TRUE(snapshot.stacks[stack].complete);
    expect_same(elide(frames, snapshot, snapshot.stacks[stack], frozen.target.release),
                found->second.frames, id);
    ++compared;

    if (found->second.creator.function.empty()) continue;  // made by the runtime
    const auto creator = functions.find(traced.goroutine.gopc);
    ASSERT_TRUE(creator);
    EXPECT_EQ(printed_name(creator->name), found->second.creator.function);
    const auto position = functions.source_frames(*creator, traced.goroutine.gopc - 1);
    EXPECT_EQ(position.front().line, found->second.creator.line);
    EXPECT_EQ(position.front().file, found->second.creator.file);
    EXPECT_EQ(traced.goroutine.gopc - creator->entry, found->second.creator.offset);
  }
  EXPECT_EQ(compared, frozen.truth.size() - 1);  // all but main itself
}

/// The goroutines that stand still, in the order of allgs.
std::vector<Goroutine> parked(const GoTarget& target) {
  std::vector<Goroutine> goroutines;
  for (const Address address : target.all_g()) {
    Goroutine goroutine = read_goroutine(target, address);
    if (goroutine.stack.empty() || goroutine.status == kDead || goroutine.status == kRunning)
      continue;
    goroutines.push_back(std::move(goroutine));
  }
  return goroutines;
}

/// Traces with a window that grows as the trie asks for.
StackTrie::Outcome trace_growing(StackTrie& trie, const Goroutine& goroutine, StackDepth depth,
                                 std::vector<std::uint64_t>* words) {
  std::size_t size = 64;
  for (int tries = 0; tries < 10'000; ++tries) {
    const auto outcome = trie.trace(goroutine.start, goroutine.window(size), depth, words);
    if (outcome.end != StackTrie::Outcome::End::window_short) return outcome;
    EXPECT_GE(outcome.wanted + 8, goroutine.start.sp + size);
    EXPECT_LT(outcome.wanted, goroutine.start.stack_hi);
    size = outcome.wanted - goroutine.start.sp + 16;
  }
  ADD_FAILURE() << "goroutine " << goroutine.id << " asks for ever more";
  return {};
}

/// The first frame of the runtime's own text that is beyond what one goes through to wait, or else
/// the last.
std::string site_of(const TextGoroutine& goroutine) {
  for (const TextFrame& frame : goroutine.frames) {
    const std::string_view package = package_of(frame.function);
    if (package != "runtime" && package != "sync" && package != "internal/sync" &&
        package != "internal/poll" && package != "syscall" && package != "reflect" &&
        frame.function != "time.Sleep" && frame.function != "panic")
      return frame.function;
  }
  return goroutine.frames.empty() ? "" : goroutine.frames.back().function;
}

TEST_P(Traceback, StopsAtTheSite) {
  Frozen frozen(GetParam());
  const FunctionTable functions = frozen.target.functions();
  StackTrie trie(functions);
  const auto goroutines = parked(frozen.target);
  std::vector<StackTrie::Outcome> outcomes;
  outcomes.reserve(goroutines.size());
  for (const Goroutine& goroutine : goroutines)
    outcomes.push_back(trace_growing(trie, goroutine, StackDepth::site, nullptr));
  snapshot::Snapshot snapshot;
  const auto ids = trie.add_to(snapshot);
  std::vector<std::string> of_runtime;
  std::size_t compared = 0;
  for (std::size_t i = 0; i < goroutines.size(); ++i) {
    ASSERT_NE(outcomes[i].node, StackTrie::kNoNode);
    const snapshot::Stack& stack = snapshot.stacks.at(ids.at(outcomes[i].node));
    ASSERT_LT(stack.site, stack.count);
    const auto& place = snapshot.stack_frames.at(stack.first + stack.site);
    EXPECT_FALSE(place.hidden);
    const std::string site =
        printed_name(snapshot.strings[snapshot.frames.at(place.frame).function]);
    const auto truth = frozen.truth.find(goroutines[i].id);
    if (truth == frozen.truth.end()) {
      EXPECT_EQ(outcomes[i].end, StackTrie::Outcome::End::complete);
      of_runtime.push_back(site);
    } else {
      EXPECT_EQ(site, site_of(truth->second)) << "goroutine " << truth->first;
      ++compared;
    }
  }
  EXPECT_EQ(compared, frozen.truth.size() - 1);
  EXPECT_THAT(of_runtime, ::testing::IsSupersetOf(
                              {"runtime.bgsweep", "runtime.bgscavenge", "runtime.forcegchelper"}));
}

TEST_P(Traceback, EqualStacksOfDifferentTriesAreOne) {
  const Frozen frozen(GetParam());
  const FunctionTable functions = frozen.target.functions();
  const auto goroutines = parked(frozen.target);
  constexpr std::size_t kThreads = 4;
  struct Traced {
    StackTrie trie;
    std::vector<StackTrie::NodeId> nodes;
    std::vector<std::uint64_t> words;
    std::vector<snapshot::StackId> ids;
  };
  std::vector<Traced> traced;
  traced.reserve(kThreads);
  for (std::size_t i = 0; i < kThreads; ++i) traced.push_back({StackTrie(functions), {}, {}, {}});
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (std::size_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        traced[t].nodes.resize(goroutines.size());
        for (std::size_t n = 0; n < goroutines.size(); ++n) {
          const std::size_t i = (n + t * 17) % goroutines.size();  // each in another order
          std::vector<std::uint64_t> words;
          traced[t].nodes[i] =
              trace_growing(traced[t].trie, goroutines[i], StackDepth::full, &words).node;
          if (i == 0) traced[t].words = words;
        }
      });
  }
  snapshot::Snapshot snapshot;
  traced[0].ids = traced[0].trie.add_to(snapshot);
  const std::size_t stacks = snapshot.stacks.size();
  const std::size_t frames = snapshot.frames.size();
  EXPECT_GT(stacks, GetParam().goroutines);
  for (std::size_t t = 1; t < kThreads; ++t) {
    traced[t].ids = traced[t].trie.add_to(snapshot);
    EXPECT_EQ(traced[t].words, traced[0].words);
    for (std::size_t i = 0; i < goroutines.size(); ++i)
      EXPECT_EQ(traced[t].ids.at(traced[t].nodes[i]), traced[0].ids.at(traced[0].nodes[i]));
  }
  EXPECT_EQ(snapshot.stacks.size(), stacks);
  EXPECT_EQ(snapshot.frames.size(), frames);
}

std::vector<Build> builds() {
  std::vector<Build> all;
  for (const std::string& release : testing::go_releases()) all.push_back({release, ""});
  for (const char* release : {"1.19", "1.22.12", "1.25.8", "1.27.4"})
    all.push_back({release, "-buildmode=pie"});
  all.push_back({"1.27.4", "-gcflags=-l"});
  for (const char* release : {"1.19", "1.22.12", "1.25.8", "1.27.4"})  // through C code
    all.push_back({release, "", "callbacks", 4});
  all.push_back({"1.26.8", "-buildmode=pie", "callbacks", 4});
  for (const char* release : {"1.19", "1.21.13", "1.22.12", "1.27.4"})
    all.push_back({release, "", "stacks", 80, "arm64"});
  all.push_back({"1.27.4", "-buildmode=pie", "stacks", 80, "arm64"});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Releases, Traceback, ::testing::ValuesIn(builds()), [](const auto& build) {
  std::string name =
      build.param.program + build.param.release + build.param.flags + "_" + build.param.goarch;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
});

}  // namespace
}  // namespace chanspect::go
