#include "go/wait_reasons.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>

#include "binary/elf.h"
#include "support/command.h"
#include "support/go_program.h"
#include "target/live_memory.h"

namespace chanspect::go {
namespace {

using snapshot::WaitKind;

/// Memory made of one block, for what a target might say.
class Block final : public target::Memory {
 public:
  explicit Block(std::size_t size) : bytes_(size) {}
  static constexpr Address kBegin = 0x1000;

  Result<void> read(Address from, std::span<std::byte> into) const override {
    if (error) return fail(*error, "cannot read");
    const auto piece = from < kBegin ? std::nullopt : slice(bytes_, from - kBegin, into.size());
    if (!piece) return fail(ErrorCode::unreadable, "not mapped");
    std::ranges::copy(*piece, into.begin());
    return {};
  }
  Result<void> read_ranges(std::span<const target::Range> ranges, std::span<std::byte> into,
                           std::vector<std::uint32_t>& failed) const override {
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < ranges.size(); ++i) {
      if (!read(ranges[i].address, into.subspan(at, ranges[i].size))) failed.push_back(i);
      at += ranges[i].size;
    }
    return {};
  }
  std::uint64_t bytes_read() const override { return 0; }

  void put(std::size_t at, const auto& value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  /// Lays out an array of string headers at the front with their texts behind.
  void put_strings(const std::vector<std::string>& texts) {
    std::uint64_t text_at = 16 * (texts.size() + 1);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      put(16 * i, kBegin + text_at);
      put(16 * i + 8, std::uint64_t{texts[i].size()});
      std::memcpy(bytes_.data() + text_at, texts[i].data(), texts[i].size());
      text_at += texts[i].size();
    }
    put(16 * texts.size() + 8, ~std::uint64_t{0});  // what follows the array is something else
  }

  std::optional<ErrorCode> error;

 private:
  std::vector<std::byte> bytes_;
};

std::vector<std::string> texts_of(const std::vector<WaitReason>& reasons) {
  std::vector<std::string> texts;
  texts.reserve(reasons.size());
  for (const WaitReason& reason : reasons) texts.push_back(reason.text);
  return texts;
}

/// The texts by number as the release's own source lists them (runtime2.go).
std::vector<std::string> texts_in_source(const std::string& release) {
  std::string root = chanspect::testing::output_of(std::string(SOURCE_DIR) + "/scripts/go " +
                                                   release + " env GOROOT");
  root.pop_back();  // the newline
  std::ifstream file(root + "/src/runtime/runtime2.go");
  std::vector<std::string> names;
  std::map<std::string, std::string> text_by_name;
  for (std::string line; std::getline(file, line);) {
    const auto quote = line.find('"');
    if (!line.starts_with("\twaitReason") || quote == std::string::npos) continue;
    const std::string name = line.substr(1, line.find_first_of(" :") - 1);
    if (line[name.size() + 1] == ':') {  // "waitReasonSleep: "sleep"," in waitReasonStrings
      text_by_name[name] = line.substr(quote + 1, line.rfind('"') - quote - 1);
    } else {  // "waitReasonSleep // "sleep"" among the constants
      names.push_back(name);
    }
  }
  std::vector<std::string> texts;
  texts.reserve(names.size());
  for (const std::string& name : names) texts.push_back(text_by_name.at(name));
  return texts;
}

class WaitReasonsOfRelease : public ::testing::TestWithParam<std::string> {};

TEST_P(WaitReasonsOfRelease, TheTableAndTheProcessSayWhatTheSourceSays) {
  const auto release = *parse_release("go" + GetParam());
  const auto source = texts_in_source(GetParam());
  ASSERT_GE(source.size(), 27U);
  const auto table = read_wait_reasons(Block(0), 0, release);
  ASSERT_TRUE(table);
  EXPECT_EQ(texts_of(*table), source);

  const std::string path = chanspect::testing::go_program("hello", GetParam());
  chanspect::testing::GoProcess process({path});
  ASSERT_FALSE(process.line().empty());
  const auto elf = binary::Elf::open(path);
  static constexpr std::string_view kName[] = {"runtime.waitReasonStrings"};
  const auto symbol = elf->find_symbols(kName)[0];
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->size, source.size() * 16);
  const auto memory = target::LiveMemory::open(process.pid());
  ASSERT_TRUE(memory);
  const auto own = read_wait_reasons(**memory, symbol->address, release);
  ASSERT_TRUE(own) << own.error().message();
  EXPECT_EQ(texts_of(*own), source);

  // The same for a release that no table knows: the array itself says where it ends.
  const auto future = read_wait_reasons(**memory, symbol->address, *parse_release("go1.99.0"));
  ASSERT_TRUE(future);
  ASSERT_GE(future->size(), source.size());
  EXPECT_TRUE(std::ranges::equal(source, std::span(*future).first(source.size()), {}, {},
                                 &WaitReason::text));
}

INSTANTIATE_TEST_SUITE_P(AllReleases, WaitReasonsOfRelease,
                         ::testing::ValuesIn(chanspect::testing::go_releases()),
                         [](const auto& release) {
                           std::string name = release.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST(WaitReasons, EachHasAKind) {
  EXPECT_EQ(kind_of_reason("chan receive"), WaitKind::chan_receive);
  EXPECT_EQ(kind_of_reason("chan send (durable)"), WaitKind::chan_send);
  EXPECT_EQ(kind_of_reason("semacquire"), WaitKind::semaphore);
  EXPECT_EQ(kind_of_reason("sync.RWMutex.RLock"), WaitKind::rwmutex_read);
  EXPECT_EQ(kind_of_reason("something new"), WaitKind::other);
  // Only these name no kind of wait that we tell apart.
  const std::vector<std::string> others = {"",          "preempted",    "debug call",
                                           "coroutine", "synctest.Run", "synctest.Wait"};
  for (const auto& release : chanspect::testing::go_releases()) {
    const auto reasons = read_wait_reasons(Block(0), 0, *parse_release("go" + release));
    ASSERT_TRUE(reasons);
    for (const auto& reason : *reasons)
      EXPECT_EQ(reason.kind == WaitKind::other,
                std::ranges::find(others, reason.text) != others.end())
          << release << " " << reason.text;
  }
}

TEST(WaitReasons, ATargetsOwnWordsWinOverTheTable) {
  const Release release = *parse_release("go1.27.4");
  auto texts = texts_of(*read_wait_reasons(Block(0), 0, release));
  std::swap(texts[19], texts[20]);
  Block block(4096);
  block.put_strings(texts);
  EXPECT_EQ(texts_of(*read_wait_reasons(block, Block::kBegin, release)), texts);
}

TEST(WaitReasons, AFutureReleaseMayHaveMore) {
  const Release release = *parse_release("go1.99.0");
  auto texts = texts_of(*read_wait_reasons(Block(0), 0, release));
  texts.emplace_back("waiting for godot");
  Block block(4096);
  block.put_strings(texts);
  EXPECT_EQ(texts_of(*read_wait_reasons(block, Block::kBegin, release)), texts);
}

TEST(WaitReasons, NonsenseInTheTargetGivesTheTable) {
  const Release release = *parse_release("go1.26.8");
  const auto table = texts_of(*read_wait_reasons(Block(0), 0, release));
  const auto read = [&](const Block& block, Address at = Block::kBegin) {
    return texts_of(*read_wait_reasons(block, at, release));
  };
  EXPECT_EQ(read(Block(4096)), table);              // zeros
  EXPECT_EQ(read(Block(100)), table);               // too short
  EXPECT_EQ(read(Block(4096), 0x99999999), table);  // not mapped

  Block block(4096);
  block.put_strings(table);
  EXPECT_EQ(read(block), table);
  block.put(std::size_t{16} * 5 + 8, std::uint64_t{1} << 62);  // an impossible length
  EXPECT_EQ(read(block), table);
  block.put_strings(table);
  block.put(std::size_t{16} * 5, std::uint64_t{1});  // a pointer to nowhere
  EXPECT_EQ(read(block), table);
  block.put_strings(table);
  block.put(16 * (table.size() + 1), '\x01');  // no text
  EXPECT_EQ(read(block), table);
}

TEST(WaitReasons, ATargetThatIsGoneIsAnError) {
  Block block(4096);
  block.error = ErrorCode::gone;
  const auto reasons = read_wait_reasons(block, Block::kBegin, *parse_release("go1.26.8"));
  ASSERT_FALSE(reasons);
  EXPECT_EQ(reasons.error().code, ErrorCode::gone);
}

}  // namespace
}  // namespace chanspect::go
