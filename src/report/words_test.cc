#include "report/words.h"

#include <gtest/gtest.h>

namespace chanspect::report {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(Words, Numbers) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(118'900), "118,900");
  EXPECT_EQ(with_commas(18446744073709551615U), "18,446,744,073,709,551,615");
  EXPECT_EQ(plural(1, "goroutine"), "1 goroutine");
  EXPECT_EQ(plural(1200, "goroutine"), "1,200 goroutines");
}

TEST(Words, DurationsRoundDown) {
  EXPECT_EQ(duration(0), "0 ns");
  EXPECT_EQ(duration(999'999), "999 us");
  EXPECT_EQ(duration(41'900'000), "41 ms");
  EXPECT_EQ(duration(kSecond), "1s");
  EXPECT_EQ(duration(5'290'000'000), "5.2s");
  EXPECT_EQ(duration(59 * kSecond + 999'999'999), "59s");
  EXPECT_EQ(duration(60 * kSecond), "1m");
  EXPECT_EQ(duration(95 * kSecond), "1m35s");
  EXPECT_EQ(duration(40 * 60 * kSecond + 59 * kSecond), "40m");
  EXPECT_EQ(duration((2 * 60 + 51) * 60 * kSecond + 59 * kSecond), "2h51m");
  EXPECT_EQ(duration((26 * 60 + 59) * 60 * kSecond), "1d2h");
}

TEST(Words, AWaitIsALowerBoundOrUnknown) {
  EXPECT_EQ(at_least(snapshot::kUnknown), "-");
  EXPECT_EQ(at_least(0), ">= 0 ns");
  EXPECT_EQ(at_least((2 * 60 + 51) * 60 * kSecond), ">= 2h51m");
}

TEST(Words, SecondsAreExact) {
  EXPECT_EQ(seconds(0), "0");
  EXPECT_EQ(seconds(1), "0.000000001");
  EXPECT_EQ(seconds(kSecond), "1");
  EXPECT_EQ(seconds(5'250'000'000), "5.25");
  EXPECT_EQ(seconds(10'000'000'001), "10.000000001");
}

TEST(Words, ShortNames) {
  EXPECT_EQ(short_path("/home/me/pay/retry/queue.go"), "retry/queue.go");
  EXPECT_EQ(short_path("queue.go"), "queue.go");
  EXPECT_EQ(short_path("/queue.go"), "/queue.go");
  EXPECT_EQ(short_path("a/queue.go"), "a/queue.go");
  EXPECT_EQ(short_path(""), "");
  EXPECT_EQ(short_function("example.com/pay/retry.(*Queue[example.com/x.T]).Push"),
            "retry.(*Queue).Push");
  EXPECT_EQ(short_function("main.main"), "main.main");
  EXPECT_EQ(short_function(""), "");
}

TEST(Words, NothingReachesTheTerminalButText) {
  EXPECT_EQ(printable("chan int"), "chan int");
  EXPECT_EQ(printable("a\x1b[31mb\n\x7f"), "a\\x1b[31mb\\x0a\\x7f");
  EXPECT_EQ(printable("größe"), "größe");
}

TEST(Words, CuttingKeepsBothEnds) {
  EXPECT_EQ(cut_middle("0123456789", 10), "0123456789");
  EXPECT_EQ(cut_middle("0123456789", 7), "01…6789");
  EXPECT_EQ(cut_middle("0123456789", 1), "…");
  EXPECT_EQ(cut_middle("0123456789", 0), "");
  EXPECT_EQ(columns_of(cut_middle("größenwahn größenwahn", 9)), 9U);
}

TEST(Words, PathsLoseTheirFolderFirst) {
  EXPECT_EQ(fit_path("retry/queue.go:88", 17), "retry/queue.go:88");
  EXPECT_EQ(fit_path("retry/queue.go:88", 16), "…/queue.go:88");
  EXPECT_EQ(fit_path("retry/queue.go:88", 12), "queue.go:88");
  EXPECT_EQ(columns_of(fit_path("retry/queue.go:88", 8)), 8U);
  EXPECT_EQ(fit_function("retry.(*Queue).Push", 19), "retry.(*Queue).Push");
  EXPECT_EQ(fit_function("retry.(*Queue).Push", 15), "…(*Queue).Push");
  EXPECT_EQ(columns_of(fit_function("retry.(*Queue).Push", 12)), 12U);
}

}  // namespace
}  // namespace chanspect::report
