#include "report/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "report/json.h"
#include "report/tsv.h"

namespace chanspect::report {
namespace {

struct Pipe {
  UniqueFd reader, writer;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == 0) {
      reader = UniqueFd(ends[0]);
      writer = UniqueFd(ends[1]);
    }
  }
};

TEST(Output, WritesAllInOrderWhateverTheSizes) {
  Pipe pipe;
  std::string read_text;
  std::thread reader([&] {
    char bytes[4096];
    for (ssize_t n; (n = read(pipe.reader.get(), bytes, sizeof bytes)) > 0;)
      read_text.append(bytes, static_cast<std::size_t>(n));
  });
  std::string expected;
  {
    Output out(std::move(pipe.writer));
    for (const std::size_t size : {1, 700'000, 3, 600'000, 2'000'000, 10, 1'048'576, 0, 5}) {
      const std::string text(size, static_cast<char>('a' + expected.size() % 26));
      out.write(text);
      expected += text;
    }
    EXPECT_TRUE(out.finish());
    EXPECT_FALSE(out.closed());
  }
  reader.join();
  EXPECT_EQ(read_text, expected);
}

TEST(Output, AReaderThatLeavesIsNoError) {
  signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.reader = UniqueFd();
  Output out(std::move(pipe.writer));
  out.write("text");
  EXPECT_TRUE(out.finish());
  EXPECT_TRUE(out.closed());
  out.write(std::string(5'000'000, 'x'));
  EXPECT_TRUE(out.finish());
}

TEST(Output, AFullDiskIsOne) {
  Output out(UniqueFd(open("/dev/full", O_WRONLY | O_CLOEXEC)));
  out.write("text");
  const auto done = out.finish();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::io);
  EXPECT_NE(done.error().message().find("No space left"), std::string::npos);
}

TEST(Tsv, RawValuesAndEscapes) {
  std::string text;
  Output out(&text);
  Tsv tsv({"a", "b", "c", "d", "e"}, out);
  tsv.text("x\ty\n\\")
      .number(1'000'000)
      .address(0xc000012000)
      .seconds(1'500'000'000)
      .flag(true)
      .end();
  tsv.unknown().number(0).address(0).seconds(snapshot::kUnknown).flag(false).end();
  EXPECT_EQ(text,
            "a\tb\tc\td\te\n"
            "x\\ty\\n\\\\\t1000000\t0xc000012000\t1.5\ttrue\n"
            "\t0\t\t\tfalse\n");
}

TEST(Json, CommasStandWhereTheyBelong) {
  std::string text;
  Output out(&text);
  Json json(out);
  json.open_object().key("a").open_array();
  json.number(1).null().flag(true).address(0).address(255);
  json.open_object().close_object().open_array().close_array();
  json.close_array().key("b").seconds(2'500'000'000).key("c").seconds(snapshot::kUnknown);
  json.close_object().finish();
  EXPECT_EQ(text, "{\"a\":[1,null,true,null,\"0xff\",{},[]],\"b\":2.5,\"c\":null}\n");
}

std::string quoted(std::string_view value) {
  std::string text;
  Output out(&text);
  Json json(out);
  json.text(value).finish();
  return text;
}

TEST(Json, StringsAreAlwaysUtf8) {
  EXPECT_EQ(quoted("a\"b\\c\n\x01\x7f"), "\"a\\\"b\\\\c\\u000a\\u0001\\u007f\"\n");
  EXPECT_EQ(quoted("größe…😀"), "\"größe…😀\"\n");
  EXPECT_EQ(quoted("\xff"
                   "a"),
            "\"\\ufffda\"\n");
  EXPECT_EQ(quoted("\xc3"), "\"\\ufffd\"\n");                                   // cut short
  EXPECT_EQ(quoted("\xc0\xaf"), "\"\\ufffd\\ufffd\"\n");                        // overlong
  EXPECT_EQ(quoted("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"\n");             // a surrogate
  EXPECT_EQ(quoted("\xf4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\"\n");  // beyond U+10FFFF
}

}  // namespace
}  // namespace chanspect::report
