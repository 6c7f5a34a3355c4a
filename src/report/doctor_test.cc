#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "report/reports.h"
#include "support/printed.h"

namespace chanspect::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Diagnosis refused() {
  Diagnosis diagnosis;
  diagnosis.subject = "process 4242";
  diagnosis.target = "4242";
  diagnosis.add("process", CheckState::ok, "pay\x1b[31m, up 3 s");
  diagnosis.add("access", CheckState::no, "it runs as uid 0", "sudo chanspect 4242\nsetcap x\ty");
  diagnosis.works.push_back({"list", CheckState::no, "cannot read process 4242", {}});
  diagnosis.works.push_back({"wait lengths", CheckState::warn, "of 1 of 2", "--watch"});
  diagnosis.error = Error{ErrorCode::denied, "cannot read process 4242", "it runs as uid 0", ""};
  diagnosis.next = "sudo chanspect 4242";
  diagnosis.purpose = "has the right that is missing";
  return diagnosis;
}

std::string printed(const Diagnosis& diagnosis, const Style& style) {
  return testing::printed(
      style, [&](auto& with, auto& out) { return print_diagnosis(diagnosis, with, out); });
}

TEST(Doctor, ALineACheckAndItsCuresBelow) {
  EXPECT_EQ(printed(refused(), {}),
            "process 4242\n"
            "\n"
            "ok      process       pay\\x1b[31m, up 3 s\n"
            "no      access        it runs as uid 0\n"
            "                      try: sudo chanspect 4242\n"
            "                       or: setcap x\\x09y\n"
            "\n"
            "works:\n"
            "no      list          cannot read process 4242\n"
            "partly  wait lengths  of 1 of 2\n"
            "                      try: --watch\n"
            "\n"
            "next: sudo chanspect 4242    has the right that is missing\n");
}

TEST(Doctor, QuietIsOnlyTheLines) {
  const std::string text = printed(refused(), {.quiet = true});
  EXPECT_TRUE(text.starts_with("ok      process"));
  EXPECT_THAT(text, Not(HasSubstr("works:")));
  EXPECT_THAT(text, Not(HasSubstr("next:")));
  EXPECT_THAT(text, HasSubstr("try: sudo chanspect 4242"));
}

TEST(Doctor, ColorsTellTheStates) {
  const std::string text = printed(refused(), {.color = true});
  EXPECT_THAT(text, HasSubstr("\033[32mok\033[0m      process"));
  EXPECT_THAT(text, HasSubstr("\033[33mpartly\033[0m  wait"));
  EXPECT_THAT(text, HasSubstr("\033[31mno\033[0m      access"));
}

TEST(Doctor, RowsOfRawValues) {
  EXPECT_EQ(printed(refused(), {.format = Format::tsv}),
            "kind\tname\tstate\tfound\tcure\n"
            "check\tprocess\tok\tpay\x1b[31m, up 3 s\t\n"
            "check\taccess\tno\tit runs as uid 0\tsudo chanspect 4242\\nsetcap x\\ty\n"
            "works\tlist\tno\tcannot read process 4242\t\n"
            "works\twait lengths\tpartly\tof 1 of 2\t--watch\n");
}

TEST(Doctor, JsonSaysWhetherItIsReadable) {
  const std::string text = printed(refused(), {.format = Format::json});
  EXPECT_THAT(text, HasSubstr(R"("argument":"4242","readable":false,"error":"cannot read process )"
                              R"(4242: it runs as uid 0")"));
  EXPECT_THAT(text, HasSubstr(R"("cures":["sudo chanspect 4242","setcap x\u0009y"]})"));
  Diagnosis machine;
  machine.subject = "this machine";
  EXPECT_THAT(printed(machine, {.format = Format::json}),
              HasSubstr(R"("argument":null,"readable":true,"error":null)"));
}

}  // namespace
}  // namespace chanspect::report
