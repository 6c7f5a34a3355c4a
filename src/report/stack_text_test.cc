#include "report/stack_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "report/reports.h"
#include "support/payments_snapshot.h"
#include "support/printed.h"

namespace chanspect::report {
namespace {

using snapshot::Snapshot;
using snapshot::Status;
using snapshot::WaitKind;
using ::testing::HasSubstr;
using testing::kMinute;
using testing::SnapshotBuilder;

std::string stacks(const Snapshot& snapshot, const StackQuery& query = {}) {
  return testing::printed({}, [&](const Style& style, Output& out) {
    return print_stacks(snapshot, query, style, out);
  });
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

TEST(TextBuffer, HexAndNumbers) {
  TextBuffer buffer(0);
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (const std::uint64_t number :
         {1ULL << shift, (1ULL << shift) - 1, 0x9abcdef012345678ULL >> shift}) {
      buffer.clear();
      buffer.reserve(2 * TextBuffer::kNumber);
      buffer.put_hex(number);
      buffer.put_number(number);
      EXPECT_EQ(buffer.text(), fmt::format("{:#x}{}", number, number));
    }
  }
}

TEST(StackText, AsTheRuntimePrintsIt) {
  StackQuery query;
  query.goroutines.ids = {21};
  EXPECT_EQ(stacks(testing::payments_snapshot(), query),
            "goroutine 21 [chan send, 171 minutes]:\n"
            "example.com/pay/retry.(*Queue[...]).Push(0xc000010000, {0xc000020015, 0x7?})\n"
            "\t/home/me/pay/retry/queue.go:88 +0x2c\n"
            "main.deliver.func1(...)\n"
            "\t/home/me/pay/deliver.go:12\n"
            "main.deliver()\n"
            "\t/home/me/pay/deliver.go:40 +0x2c\n"
            "created by main.main in goroutine 1\n"
            "\t/home/me/pay/main.go:30 +0x2c\n");
}

TEST(StackText, Headers) {
  const auto header = [](auto change) {
    SnapshotBuilder b;
    auto& goroutine = b.goroutine(7, "chan receive", WaitKind::chan_receive);
    change(goroutine);
    return first_line(stacks(b.build()));
  };
  using G = snapshot::Goroutine;
  EXPECT_EQ(header([](G&) {}), "goroutine 7 [chan receive]:");
  EXPECT_EQ(header([](G& g) { g.wait_ns = kMinute - 1; }), "goroutine 7 [chan receive]:");
  EXPECT_EQ(header([](G& g) { g.wait_ns = kMinute; }), "goroutine 7 [chan receive, 1 minutes]:");
  EXPECT_EQ(header([](G& g) {
              g.wait_ns = 2 * kMinute + 1;
              g.locked = g.scanning = true;
            }),
            "goroutine 7 [chan receive (scan), 2 minutes, locked to thread]:");
  EXPECT_EQ(header([](G& g) {
              g.status = Status::leaked;
              g.leaked = true;
              g.wait_ns = 5 * kMinute;
            }),
            "goroutine 7 [chan receive (leaked)]:");
  EXPECT_EQ(header([](G& g) {
              g.status = Status::runnable;
              g.wait_ns = 5 * kMinute;
            }),
            "goroutine 7 [runnable]:");
  EXPECT_EQ(header([](G& g) {
              g.status = Status::syscall;
              g.wait_ns = 5 * kMinute;
            }),
            "goroutine 7 [syscall, 5 minutes]:");
}

TEST(StackText, BubblesOfSynctest) {
  const auto header = [](const std::string& release) {
    SnapshotBuilder b;
    b.made.source.go_version = release;
    auto& goroutine = b.goroutine(7, "sleep (durable)", WaitKind::sleep);
    goroutine.wait_ns = kMinute;
    goroutine.bubble = 0;
    b.made.bubbles.push_back(42);
    return first_line(stacks(b.build()));
  };
  EXPECT_EQ(header("go1.25.8"), "goroutine 7 [sleep (durable), 1 minutes, synctest bubble 42]:");
  EXPECT_EQ(header("go1.24.13"), "goroutine 7 [sleep (durable), 1 minutes, synctest group 42]:");
}

TEST(StackText, RunningGoroutinesHaveACreatorAndNoStack) {
  SnapshotBuilder b;
  auto& goroutine = b.goroutine(7, "", WaitKind::none);
  goroutine.status = Status::running;
  goroutine.parent_id = 1;
  goroutine.creator = b.frame({.function = "main.main", .file = "/main.go", .line = 3});
  EXPECT_EQ(stacks(b.build()),
            "goroutine 7 [running]:\n"
            "\tgoroutine running on other thread; stack unavailable\n"
            "created by main.main in goroutine 1\n"
            "\t/main.go:3 +0x2c\n");
}

TEST(StackText, CreatorsThatTheRuntimeDoesNotShow) {
  const auto created = [](std::uint64_t id, const std::string& creator) {
    SnapshotBuilder b;
    const auto frame = b.frame({.function = creator, .file = "/f.go"});
    b.goroutine(id, "select", WaitKind::select).creator = frame;
    return stacks(b.build()).find("created by") != std::string::npos;
  };
  EXPECT_TRUE(created(2, "main.main"));
  EXPECT_FALSE(created(1, "main.main"));
  EXPECT_FALSE(created(2, "runtime.main"));
  EXPECT_TRUE(created(2, "runtime.GC"));
  EXPECT_TRUE(created(2, "runtime/pprof.StartCPUProfile"));
}

std::string deep(unsigned frames, const std::string& version, bool inlined = false) {
  SnapshotBuilder b;
  b.made.source.go_version = version;
  std::vector<SnapshotBuilder::FrameWords> words;
  words.reserve(frames);
  for (unsigned i = 0; i < frames; ++i)
    words.push_back(
        {.function = "main.f" + std::to_string(i), .file = "/f.go", .arguments = "\x01"});
  if (inlined) words[3].inlined = true;
  b.goroutine(7, "select", WaitKind::select, b.stack(words));
  std::vector<std::uint64_t> arguments;
  arguments.reserve(frames);
  for (unsigned i = 0; i < frames; ++i)
    if (!words[i].inlined) arguments.push_back(i);
  b.arguments(arguments);
  return stacks(b.build());
}

TEST(StackText, DeepStacksLoseTheirMiddleSince121) {
  const std::string text = deep(130, "go1.21.0");
  EXPECT_THAT(
      text, HasSubstr("main.f49(0x31)\n\t/f.go:1 +0x2c\n...30 frames elided...\nmain.f80(0x50)\n"));
  EXPECT_THAT(text, HasSubstr("main.f129(0x81)\n"));
  EXPECT_EQ(deep(100, "go1.21.0").find("elided"), std::string::npos);
  EXPECT_THAT(deep(101, "go1.27.4"), HasSubstr("...1 frames elided...\nmain.f51(0x33)\n"));
}

TEST(StackText, DeepStacksLoseTheirEndBefore) {
  const std::string text = deep(130, "go1.19");
  EXPECT_TRUE(text.ends_with("main.f99(0x63)\n\t/f.go:1 +0x2c\n...additional frames elided...\n"));
  EXPECT_TRUE(deep(100, "go1.20.14").ends_with("...additional frames elided...\n"));
  EXPECT_EQ(deep(99, "go1.19").find("elided"), std::string::npos);
  // An inlined frame is no frame of the stack: a hundred and one are printed, and no remark.
  const std::string more = deep(130, "go1.19", true);
  EXPECT_TRUE(more.ends_with("main.f100(0x64)\n\t/f.go:1 +0x2c\n"));
}

TEST(StackText, WordsThatAreNotThereAreDots) {
  SnapshotBuilder b;
  const auto stack = b.stack({{.function = "main.f", .file = "/f.go", .arguments = "\x01, \x01"}});
  b.goroutine(7, "select", WaitKind::select, stack);
  b.goroutine(8, "select", WaitKind::select, stack);
  b.arguments({1});  // one too few
  const std::string text = stacks(b.build());
  EXPECT_THAT(text, HasSubstr("goroutine 7 [select]:\nmain.f(...)\n"));
  EXPECT_THAT(text, HasSubstr("goroutine 8 [select]:\nmain.f(...)\n"));
}

TEST(StackText, OrderIsTheRuntimesOrThatOfTheIds) {
  const Snapshot snapshot = testing::payments_snapshot();
  StackQuery query;
  query.goroutines.ids = {31, 1, 20};
  const std::string text = stacks(snapshot, query);
  EXPECT_TRUE(text.starts_with("goroutine 31 "));
  EXPECT_LT(text.find("\n\ngoroutine 1 "), text.find("\n\ngoroutine 20 "));
  const std::string all = stacks(snapshot);
  EXPECT_TRUE(all.starts_with("goroutine 20 "));
  EXPECT_EQ(all.find("goroutine 2 "), std::string::npos);  // the runtime's own
  EXPECT_EQ(all.find("\n\n\n"), std::string::npos);
  EXPECT_FALSE(all.ends_with("\n\n"));
}

TEST(StackText, ManyThreadsWriteTheSameTextAsOne) {
  SnapshotBuilder b;
  const auto stack = b.stack({{.function = "main.f", .file = "/f.go", .arguments = "\x01"}});
  for (std::uint64_t id = 1; id <= 20'000; ++id) {
    b.goroutine(id, "select", WaitKind::select, stack);
    b.arguments({id});
  }
  const Snapshot snapshot = b.build();
  std::string expected;
  for (std::uint64_t id = 1; id <= 20'000; ++id)
    expected += fmt::format("{}goroutine {} [select]:\nmain.f({:#x})\n\t/f.go:1 +0x2c\n",
                            id == 1 ? "" : "\n", id, id);
  EXPECT_EQ(stacks(snapshot), expected);
}

TEST(StackText, NamesAsPrinted) {
  EXPECT_EQ(printed_function("runtime.gopanic", 26), "panic");
  EXPECT_EQ(printed_function("main.main", 26), "main.main");
  EXPECT_EQ(printed_function("main.(*Q[go.shape.int]).Push", 26), "main.(*Q[...]).Push");
  EXPECT_EQ(printed_function("main.(*Q[...]).Push", 19), "main.(*Q[...]).Push");
  EXPECT_EQ(printed_function("main.F[go.shape.[]int].func1", 27), "main.F[...].func1");
  EXPECT_EQ(printed_function("main.(*Q[int]).Map[string]", 26), "main.(*Q[...]");
  EXPECT_EQ(printed_function("main.(*Q[int]).Map[string]", 27), "main.(*Q[...]).Map[...]");
  EXPECT_EQ(printed_function("main.odd]name[", 27), "main.odd]name[");
  EXPECT_EQ(go_minor("go1.26.8"), 26U);
  EXPECT_EQ(go_minor("go1.19"), 19U);
  EXPECT_EQ(go_minor("devel go1.28-abcdef Mon"), 28U);
  EXPECT_GT(go_minor("mystery"), 100U);
}

/// The patterns of those who read this text: gostackparse's header and panicparse's lines.
TEST(StackText, ChannelsStandInFramesThatOthersCanRead) {
  StackQuery query;
  query.channels = true;
  const std::string text = stacks(testing::payments_snapshot(), query);
  EXPECT_THAT(text, HasSubstr("goroutine 40 [select]:\n"
                              "select.send[*main.Callback](0xc00012a000, 0x0, 0x0)\n"
                              "\t/home/me/pay/worker/pool.go:31 +0x2c\n"
                              "select.receive[struct {}](0xc0003f4060, 0x0, 0x0)\n"));
  const std::regex header(
      R"(goroutine (\d+) \[([^,\]]+)(?:, (\d+) minutes)?(, locked to thread)?\]:)");
  const std::regex call(R"((.+)\((.*)\))");
  const std::regex arguments(R"((\.\.\.|_|\{|\}|, |0x[0-9a-f]+\??)*)");
  const std::regex file(R"(\t(\?\?|<autogenerated>|.+\.(?:c|go|s)):(\d+)( \+0x[0-9a-f]+)?)");
  for (const std::string& paragraph : testing::split(text, '\n')) {
    std::smatch match;
    const bool fits =
        paragraph.empty() || std::regex_match(paragraph, header) ||
        std::regex_match(paragraph, file) || paragraph.starts_with("created by ") ||
        paragraph == "\tgoroutine running on other thread; stack unavailable" ||
        (std::regex_match(paragraph, match, call) && std::regex_match(match[2].str(), arguments));
    EXPECT_TRUE(fits) << paragraph;
  }
}

TEST(StackText, TypesWithParenthesesAreNotNamedInFrames) {
  SnapshotBuilder b;
  b.channel(0x100, "func(func())");
  b.receives(7, 0x100, b.stack_at("main.f", "/f.go", 1));
  StackQuery query;
  query.channels = true;
  EXPECT_THAT(stacks(b.build(), query), HasSubstr("chan.receive[...](0x100, 0x0, 0x0)\n"));
}

}  // namespace
}  // namespace chanspect::report
