#include "report/reports.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/words.h"
#include "support/payments_snapshot.h"
#include "support/printed.h"

namespace chanspect::report {
namespace {

using analysis::GroupKey;
using snapshot::Snapshot;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using testing::printed;
using testing::SnapshotBuilder;
using testing::split;

const Snapshot& payments() {
  static const Snapshot snapshot = testing::payments_snapshot();
  return snapshot;
}

std::string overview(const Snapshot& snapshot, const Style& style = {.width = 0}) {
  return printed(style, [&](auto& s, auto& out) { return print_overview(snapshot, s, out); });
}

std::string channels(const Snapshot& snapshot, const Style& style = {.width = 0}) {
  return printed(style, [&](auto& s, auto& out) { return print_channels(snapshot, {}, s, out); });
}

/// The error of `print(style, out)`, which must write nothing.
template <class Print>
Error error_of(Print print) {
  std::string text;
  Output out(&text);
  const Style style;
  const Result<void> done = print(style, out);
  EXPECT_FALSE(done);
  EXPECT_EQ(text, "");
  return done ? Error{} : done.error();
}

Error nth_error(const NthQuery& query) {
  return error_of([&](auto& style, auto& out) { return print_nth(payments(), query, style, out); });
}

TEST(Overview, OneScreenTheAnswerFirst) {
  EXPECT_EQ(
      overview(payments()),
      "payments  pid 4242  go1.26.8  up 3h12m                                  "
      "read in 41 ms, never stopped\n"
      "goroutines  19    channel 9 (47.4 %)   mutex 4   for ever 3   IO 1   running 1   moving 1\n"
      "\n"
      "   WORST CHANNELS                                         blocked  longest   waiting at\n"
      "1  chan *main.Callback  0xc00012a000  0/0  open  6 send, 1 select  >= 2h51m  "
      "retry.(*Queue).Push  retry/queue.go:88\n"
      "2  chan struct {}       0xc0003f4060  0/0  open  2 recv, 1 select  >= 40m    "
      "worker.run           worker/pool.go:31\n"
      "\n"
      "LOCKS                            blocked  longest  waiting at\n"
      "  sync.Mutex.Lock  0xc000600010        4  -        main.(*Ledger).Add  pay/ledger.go:17\n"
      "\n"
      "NOTHING CAN WAKE           blocked  longest  waiting at\n"
      "  chan receive (nil chan)        1  -        main.forget  pay/forget.go:5\n"
      "  select (nil chan)              1  -        main.forget  pay/forget.go:5\n"
      "  select (no cases)              1  -        main.forget  pay/forget.go:5\n"
      "\n"
      "note: 1 goroutine moved at every look, so not stuck: not shown in full\n"
      "next: chanspect nth 4242 1    the goroutine and stack of the first unclosed channel\n");
}

TEST(Overview, NoLineIsWiderThanTheTerminal) {
  for (const unsigned width : {90U, 100U, 120U, 200U})
    for (const std::string& line : split(overview(payments(), {.width = width}), '\n'))
      EXPECT_LE(columns_of(line), width) << line;
}

TEST(Overview, IsOneScreenForAPipeToo) {
  SnapshotBuilder b;
  const auto here = b.stack_at("main.f", "/main.go", 1);
  for (std::uint64_t c = 1; c <= 50; ++c) {
    b.channel(c * 0x100, "int");
    b.receives(c, c * 0x100, here);
  }
  const Snapshot snapshot = b.build();
  const std::string text = overview(snapshot, {.limit = kNoLimit});
  EXPECT_THAT(text, AllOf(HasSubstr("\n10  chan int"), Not(HasSubstr("\n11  chan int")),
                          HasSubstr("... and 40 more channels (chanspect channels 4242)\n")));
  EXPECT_THAT(overview(snapshot, {.limit = 12}), HasSubstr("\n12  chan int"));
}

TEST(Overview, SaysOnceWhyNoWaitIsKnown) {
  SnapshotBuilder b;
  b.channel(0x100, "int");
  b.receives(5, 0x100, b.stack_at("main.f", "/main.go", 1));
  b.made.completeness.gc_cycles = 0;
  Snapshot snapshot = b.build();
  EXPECT_THAT(overview(snapshot),
              HasSubstr("note: waits unknown: Go notes them only in a GC, and the target has not "
                        "run one; try --watch 5s\n"));
  snapshot.completeness.gc_cycles = 3;
  EXPECT_THAT(overview(snapshot), HasSubstr("a GC (3 so far, none since these blocked); try"));
  snapshot.completeness.gc_known = false;
  EXPECT_THAT(overview(snapshot), HasSubstr("only in a GC; try --watch 5s"));
  snapshot.source.watched_ns = 5'000'000'000;
  EXPECT_THAT(overview(snapshot), Not(HasSubstr("only in a GC")));
  snapshot.source.watched_ns = 0;
  snapshot.goroutines[0].wait_ns = 0;
  EXPECT_THAT(overview(snapshot), Not(HasSubstr("only in a GC")));
}

TEST(Overview, TellsHowItWasReadAndWhatIsMissing) {
  SnapshotBuilder b;
  b.made.source.stopped_ns = 3'000'000;
  b.made.completeness.unreadable = 1;
  b.made.completeness.notes = {"the target was built with cgo\n"};
  b.made.completeness.channels_unsettled = 2;
  const std::string text = overview(b.build());
  EXPECT_THAT(text, HasSubstr("read in 41 ms, stopped for 3 ms\n"));
  EXPECT_THAT(text,
              HasSubstr("note: 1 goroutine could not be read in full: the answer is incomplete\n"));
  EXPECT_THAT(text, HasSubstr("note: 2 channels moved at every look"));
  EXPECT_THAT(text, HasSubstr("note: the target was built with cgo\\x0a\n"));
  EXPECT_THAT(text, HasSubstr("no goroutine waits on a channel\n"));
}

TEST(Overview, GrowthWhereItWasWatched) {
  Snapshot snapshot = testing::payments_snapshot();
  snapshot.source.watched_ns = 5'000'000'000;
  snapshot.source.goroutines_before = 15;
  snapshot.channels[0].waiters_before = 4;
  const std::string text = overview(snapshot);
  EXPECT_THAT(text, HasSubstr("goroutines  19 (+4 in 5s)"));
  EXPECT_THAT(text, HasSubstr("two looks 5s apart"));
  EXPECT_THAT(text, AllOf(HasSubstr("growth"), HasSubstr("  +3  ")));
}

TEST(Overview, QuietIsRowsOnly) {
  const auto lines = split(overview(payments(), {.width = 0, .quiet = true}), '\n');
  EXPECT_THAT(lines.front(), HasSubstr("goroutines  19"));
  for (const std::string& line : lines) {
    EXPECT_THAT(line, Not(HasSubstr("next:")));
    EXPECT_THAT(line, Not(HasSubstr("note:")));
    EXPECT_THAT(line, Not(HasSubstr("WORST")));
    EXPECT_NE(line, "");
  }
}

TEST(Overview, ColoursOnlyWhenAsked) {
  EXPECT_EQ(overview(payments()).find('\033'), std::string::npos);
  std::string text = overview(payments(), {.color = true, .width = 0});
  EXPECT_NE(text.find("\033[1m"), std::string::npos);
  for (std::size_t at; (at = text.find('\033')) != std::string::npos;)
    text.erase(at, text.find('m', at) - at + 1);
  EXPECT_EQ(text, overview(payments()));  // nothing else differs
}

TEST(Overview, VerboseTellsWhatWasRead) {
  EXPECT_THAT(
      overview(payments(), {.width = 0, .verbosity = 1}),
      AllOf(HasSubstr("read: 20 goroutines, layouts from table go1.26, rows at most 41 ms apart\n"),
            HasSubstr("  goroutines  30 ms  456,000\n")));
}

TEST(Overview, NamesFromTheTargetCannotSteerTheTerminal) {
  SnapshotBuilder b;
  b.made.source.name = "\033]0;evil\a";
  b.channel(0x100, "\033[31mint");
  b.receives(5, 0x100, b.stack_at("main.\033[2J", "/ma\nin.go", 1));
  for (const bool quiet : {false, true})
    EXPECT_EQ(overview(b.build(), {.quiet = quiet}).find_first_of("\033\a"), std::string::npos);
}

TEST(Channels, TsvHasOneHeaderLineAndRawValues) {
  const auto lines = split(channels(payments(), {.format = Format::tsv}), '\n');
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0],
            "channel_addr\telem_type\tlength\tcapacity\tclosed\tsenders\treceivers\tselects\t"
            "longest_wait_seconds\tfunction\tfile\tline\tat_site\tsites\toldest_goroutine\ttimer\t"
            "settled\twaiters_before");
  EXPECT_EQ(
      lines[1],
      "0xc00012a000\t*main.Callback\t0\t0\tfalse\t6\t0\t1\t10260.000000025\t"
      "example.com/pay/retry.(*Queue[go.shape.*uint8]).Push\t/home/me/pay/retry/queue.go\t88\t"
      "6\t2\t20\tfalse\ttrue\t");
}

TEST(Channels, LimitSaysHowManyMore) {
  const std::string text = channels(payments(), {.width = 0, .limit = 1});
  EXPECT_THAT(text, AllOf(HasSubstr("3 channels"), HasSubstr("... and 2 more (--limit all"),
                          Not(HasSubstr("struct {}"))));
  EXPECT_EQ(split(channels(payments(), {.format = Format::tsv, .limit = 1}), '\n').size(), 2U);
}

TEST(Channels, NoneIsSaid) {
  EXPECT_THAT(channels(Snapshot()), HasSubstr("no goroutine waits on such a channel\n"));
  EXPECT_EQ(split(channels(Snapshot(), {.format = Format::tsv}), '\n').size(), 1U);
}

std::string channel(const Snapshot& snapshot, snapshot::Address address,
                    const Style& style = {.width = 0}) {
  return printed(style,
                 [&](auto& s, auto& out) { return print_channel(snapshot, address, s, out); });
}

TEST(Channel, ShowsBothSidesAndWhoIsMissing) {
  const std::string text = channel(payments(), 0xc00012a000);
  EXPECT_THAT(text, HasSubstr("\n7 goroutines send; nobody receives right now (no buffer)\n"));
  EXPECT_THAT(text, HasSubstr("\nsendq, front first: 7 goroutines\n"));
  EXPECT_THAT(text, HasSubstr("1         20  send           >= 2h51m  retry.(*Queue).Push"));
  EXPECT_THAT(text, HasSubstr("7         40  select (send)  -         worker.run"));
  EXPECT_TRUE(
      text.ends_with("next: chanspect stack 4242 20    the stack of the goroutine in front\n"));
}

TEST(Channel, PicturesOfAllKinds) {
  SnapshotBuilder b;
  const auto here = b.stack_at("main.f", "/main.go", 1);
  b.channel(0x100, "int", 5, 5);
  b.channel(0x200, "int", 0, 5);
  b.channel(0x300, "int").settled = false;
  b.channel(0x400, "int", 2, 5);
  b.sends(1, 0x100, here);
  b.receives(2, 0x200, here);
  b.receives(3, 0x300, here);
  b.sends(4, 0x400, here);
  const Snapshot snapshot = b.build();
  EXPECT_THAT(channel(snapshot, 0x100),
              HasSubstr("1 goroutine sends; nobody receives right now (the buffer is full)\n"));
  EXPECT_THAT(channel(snapshot, 0x200),
              HasSubstr("1 goroutine receives; nobody sends right now (the buffer is empty)\n"));
  EXPECT_THAT(channel(snapshot, 0x300),
              AllOf(HasSubstr("the channel moved at every look"), HasSubstr("seen waiting")));
  EXPECT_THAT(channel(snapshot, 0x400), HasSubstr("nobody receives right now\n"));
  EXPECT_THAT(channel(payments(), 0xc000500000), HasSubstr("a timer of the runtime sends on it"));
}

TEST(Channel, AnAddressWithoutWaitersIsAnErrorThatHelps) {
  const Error error = error_of(
      [](auto& style, auto& out) { return print_channel(payments(), 0x1234, style, out); });
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_EQ(error.message(),
            "nobody waits on a channel at 0x1234: goroutines wait on 3 other channels");
  EXPECT_EQ(error.hint, "chanspect channels 4242");
}

std::string nth(const NthQuery& query, const Style& style = {.width = 0}) {
  return printed(style, [&](auto& s, auto& out) { return print_nth(payments(), query, s, out); });
}

TEST(Nth, ChannelGoroutinesAndExactStack) {
  EXPECT_THAT(
      nth({}),
      HasSubstr("1 of 2 unclosed channels with stuck goroutines, the oldest goroutine first\n"
                "chan *main.Callback  0xc00012a000  0/0  open   6 send, 1 select   >= 2h51m\n"
                "\n"
                "goroutine 20 [chan send, 171 minutes]:\n"
                "example.com/pay/retry.(*Queue[...]).Push(0xc000010000, {0xc000020014, 0x7?})\n"
                "\t/home/me/pay/retry/queue.go:88 +0x2c\n"));
  EXPECT_THAT(nth({}), AllOf(HasSubstr("\ngoroutine 40 [select]:\n"),
                             HasSubstr("\nand 5 more at the same places\n")));
  EXPECT_TRUE(nth({}).ends_with("next: chanspect nth 4242 2    the next one\n"));
  EXPECT_TRUE(
      nth({.n = 2, .order = analysis::ChannelOrder::waiters, .frame = {}})
          .ends_with("next: chanspect channel 4242 0xc0003f4060    its queues, and who is on "
                     "the other side\n"));
}

TEST(Nth, QuietIsTheStackAlone) {
  EXPECT_TRUE(nth({}, {.quiet = true}).starts_with("goroutine 20 [chan send, 171 minutes]:\n"));
}

TEST(Nth, OneFrame) {
  EXPECT_EQ(
      nth({.frame = 1}),
      "example.com/pay/retry.(*Queue[go.shape.*uint8]).Push /home/me/pay/retry/queue.go:88\n");
  EXPECT_EQ(nth({.frame = 3}), "main.deliver /home/me/pay/deliver.go:40\n");
  const auto lines = split(nth({.frame = 3}, {.format = Format::tsv, .limit = 1}), '\n');
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1],
            "1\t0xc00012a000\t*main.Callback\t20\tchan send\t10260.00000002\t3\tmain.deliver\t"
            "/home/me/pay/deliver.go\t40");
}

TEST(Nth, OutOfRangeSaysWhatThereIs) {
  const Error beyond = nth_error({.n = 3, .frame = {}});
  EXPECT_EQ(beyond.code, ErrorCode::usage);
  EXPECT_EQ(beyond.message(),
            "there is no channel number 3: goroutines are stuck on 2 unclosed channels");
  EXPECT_EQ(nth_error({.n = 0, .frame = {}}).code, ErrorCode::usage);
  EXPECT_EQ(nth_error({.frame = 4}).message(),
            "goroutine 20 has no user frame 4: it has 3 user frames");
  EXPECT_EQ(nth_error({.frame = 0}).code, ErrorCode::usage);
}

std::string blocked(const Style& style) {
  return printed(style, [&](auto& s, auto& out) { return print_blocked(payments(), {}, s, out); });
}

TEST(Blocked, OneRowAGoroutine) {
  EXPECT_THAT(split(blocked({.width = 0, .quiet = true}), '\n'),
              IsSupersetOf({
                  "20  chan send                0xc00012a000                  >= 2h51m  "
                  "retry.(*Queue).Push  retry/queue.go:88",
                  "40  select                   0xc00012a000,0xc0003f4060,+1  -         "
                  "worker.run           worker/pool.go:31",
                  "50  sync.Mutex.Lock          0xc000600010                  -         "
                  "main.(*Ledger).Add   pay/ledger.go:17",
                  "60  chan receive (nil chan)  -                             -         "
                  "main.forget          pay/forget.go:5",
                  "62  select (nil chan)        -                             -         "
                  "main.forget          pay/forget.go:5",
              }));
  EXPECT_THAT(blocked({.width = 0}),
              HasSubstr("Goroutine ID  Block Type               Channel Addr                  "
                        "Duration  Waiting at\n          20  chan send"));
}

TEST(Blocked, TsvNamesEveryChannelOfASelect) {
  const std::string text = blocked({.format = Format::tsv});
  EXPECT_TRUE(text.starts_with(
      "goroutine_id\tblock_type\tchannel_addr\tduration_seconds\tfunction\tfile\tline\t"));
  EXPECT_THAT(text, HasSubstr("\n40\tselect\t0xc00012a000,0xc0003f4060,0xc000500000\t\t"
                              "example.com/pay/worker.run\t/home/me/pay/worker/pool.go\t31\t"
                              "send,receive,receive\t"));
  const auto lines = split(text, '\n');
  for (const std::string& line : lines)
    EXPECT_EQ(std::ranges::count(line, '\t'), std::ranges::count(lines[0], '\t')) << line;
}

std::string goroutines(const std::vector<GroupKey>& keys, const Style& style) {
  return printed(
      style, [&](auto& s, auto& out) { return print_goroutines(payments(), {}, keys, s, out); });
}

TEST(Goroutines, TextAndTsvAreAligned) {
  const std::string text = goroutines({}, {.width = 0});
  EXPECT_THAT(text, HasSubstr("       70  _Gwaiting   IO wait, locked to thread  -"));
  EXPECT_THAT(text, HasSubstr("       80  _Grunnable  moving\n"));
  EXPECT_THAT(text, HasSubstr("main.main   request=17, user=a\\x09b\n"));
  const auto lines = split(goroutines({}, {.format = Format::tsv}), '\n');
  ASSERT_EQ(lines.size(), 20U);
  for (const std::string& line : lines)
    EXPECT_EQ(std::ranges::count(line, '\t'), std::ranges::count(lines[0], '\t')) << line;
}

TEST(Goroutines, Groups) {
  EXPECT_THAT(goroutines({GroupKey::reason, GroupKey::site}, {.width = 0}),
              HasSubstr("         6  >= 2h51m  chan send                retry.(*Queue).Push  "
                        "retry/queue.go:88  20, 21, 22, …\n"));
  EXPECT_THAT(goroutines({GroupKey::stack}, {.width = 0}),
              HasSubstr("6 goroutines  chan send  >= 2h51m  (20, 21, 22, …)\n"
                        "    retry.(*Queue).Push  retry/queue.go:88\n"
                        "    main.deliver.func1   pay/deliver.go:12\n"
                        "    main.deliver         pay/deliver.go:40\n"));
  const auto lines =
      split(goroutines({GroupKey::reason, GroupKey::label}, {.format = Format::tsv}), '\n');
  EXPECT_EQ(lines[0], "goroutines\tlongest_wait_seconds\tfirst_goroutine\treason\tlabels");
  EXPECT_EQ(lines[1], "5\t10260.000000024\t20\tchan send\t(no labels)");
}

TEST(Stacks, AnUnknownIdIsAnErrorThatHelps) {
  StackQuery query;
  query.goroutines.ids = {20, 99};
  const Error error =
      error_of([&](auto& style, auto& out) { return print_stacks(payments(), query, style, out); });
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_EQ(error.message(), "no goroutine 99: 4242 has 20 goroutines");
}

TEST(Stacks, OneFrameOfEach) {
  StackQuery query;
  query.frame = 2;
  query.goroutines.ids = {20};
  const auto text = [&](Format format) {
    return printed({.format = format}, [&](auto& style, auto& out) {
      return print_stacks(payments(), query, style, out);
    });
  };
  EXPECT_EQ(text(Format::text), "main.deliver.func1 /home/me/pay/deliver.go:12\n");
  query.goroutines.ids = {20, 30};
  EXPECT_EQ(text(Format::text),
            "goroutine 20  main.deliver.func1 /home/me/pay/deliver.go:12\n"
            "goroutine 30  -\n");
  EXPECT_EQ(split(text(Format::tsv), '\n')[2], "30\t2\t\t\t");
}

TEST(Processes, TextTsvAndNextStep) {
  const std::vector<ProcessRow> rows = {
      {17,
       "dockerd",
       "go1.24.1",
       snapshot::kUnknown,
       {},
       "no: another user's",
       "sudo chanspect 17"},
      {4242, "payments", "go1.26.8", 3'600'000'000'000, 120'431, "yes", ""}};
  const auto text = [](const std::vector<ProcessRow>& shown, Format format) {
    return printed({.format = format},
                   [&](auto& style, auto& out) { return print_processes(shown, style, out); });
  };
  EXPECT_EQ(text(rows, Format::text),
            " pid  name      Go        up  goroutines  readable\n"
            "  17  dockerd   go1.24.1   -           -  no: another user's\n"
            "4242  payments  go1.26.8  1h     120,431  yes\n"
            "\n"
            "next: chanspect 4242    the one with the most goroutines\n");
  EXPECT_TRUE(
      text({rows[0]}, Format::text).ends_with("next: sudo chanspect 17    makes it readable\n"));
  EXPECT_EQ(text({}, Format::text), "no Go process that we can see\n");
  EXPECT_EQ(text({rows[1]}, Format::tsv),
            "pid\tname\tgo_version\tuptime_seconds\tgoroutines\taccess\thint\n"
            "4242\tpayments\tgo1.26.8\t3600\t120431\tyes\t\n");
}

/// A snapshot of nothing, and one whose goroutines are all unknown, must not upset any report.
TEST(Reports, SurviveEmptiness) {
  const Snapshot empty;
  Snapshot bare;
  bare.goroutines.assign(3, snapshot::Goroutine{});
  bare.goroutines[1].settled = false;
  for (const Snapshot* snapshot : {&std::as_const(bare), &empty}) {
    for (const Format format : {Format::text, Format::tsv, Format::json}) {
      const Style style{.format = format, .verbosity = 1};
      std::string text;
      Output out(&text);
      EXPECT_TRUE(print_overview(*snapshot, style, out));
      EXPECT_TRUE(print_channels(*snapshot, {}, style, out));
      EXPECT_TRUE(print_blocked(*snapshot, {}, style, out));
      EXPECT_TRUE(print_goroutines(*snapshot, {}, {}, style, out));
      EXPECT_TRUE(
          print_goroutines(*snapshot, {}, {GroupKey::stack, GroupKey::channel}, style, out));
      EXPECT_TRUE(print_stacks(*snapshot, {}, style, out));
      EXPECT_FALSE(print_nth(*snapshot, {}, style, out));
      EXPECT_FALSE(print_channel(*snapshot, 1, style, out));
    }
  }
}

}  // namespace
}  // namespace chanspect::report
