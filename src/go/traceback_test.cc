#include "go/traceback.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "go/shown_frames.h"
#include "support/go_target.h"
#include "support/stack_text.h"

namespace chanspect::go {
namespace {

using testing::GoProcess;
using testing::GoTarget;
using testing::TextFrame;
using testing::TextGoroutine;

constexpr std::uint32_t kScan = 0x1000;  // _Gscan

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

/// A program frozen by itself, with its own account of its stacks.
struct Frozen {
  explicit Frozen(const std::string& binary)
      : process({binary}), truth(read_truth()), target(process.pid()) {}

  std::map<std::uint64_t, TextGoroutine> read_truth() {
    std::string text;
    for (;;) {
      const std::string line = process.line();
      if (line == "=== good") return testing::read_stack_text(text);
      if (line == "=== stale") {
        text.clear();
        continue;
      }
      text += line + "\n";
      if (text.size() > (16U << 20)) throw std::runtime_error("no end of the stacks");
    }
  }

  GoProcess process;
  std::map<std::uint64_t, TextGoroutine> truth;
  GoTarget target;
};

struct Build {
  std::string release;
  std::string flags;

  friend std::ostream& operator<<(std::ostream& out, const Build& build) {
    return out << build.release << " " << build.flags;
  }
};

class Traceback : public ::testing::TestWithParam<Build> {
 protected:
  std::string binary() const {
    return testing::go_program("stacks", GetParam().release, GetParam().flags);
  }
};

TEST_P(Traceback, PrintsWhatTheRuntimePrints) {
  Frozen frozen(binary());
  ASSERT_GT(frozen.truth.size(), 80U);
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
    if (traced.goroutine.stack.empty() || traced.goroutine.status == 6) continue;
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

std::vector<Build> builds() {
  std::vector<Build> all;
  for (const std::string& release : testing::go_releases()) all.push_back({release, ""});
  for (const char* release : {"1.19", "1.22.12", "1.25.8", "1.27.4"})
    all.push_back({release, "-buildmode=pie"});
  all.push_back({"1.27.4", "-gcflags=-l"});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Releases, Traceback, ::testing::ValuesIn(builds()), [](const auto& build) {
  std::string name = "go" + build.param.release + build.param.flags;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
});

}  // namespace
}  // namespace chanspect::go
