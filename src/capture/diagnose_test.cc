#include "capture/diagnose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "capture/abilities.h"
#include "support/go_program.h"
#include "support/payments_snapshot.h"

/// Real targets and what is told of them; what a snapshot proves.
namespace chanspect::capture {
namespace {

using testing::go_program;
using testing::GoProcess;
using ::testing::HasSubstr;

Check named(const std::vector<Check>& checks, const std::string& name) {
  const auto found = std::ranges::find(checks, name, &Check::name);
  return found == checks.end() ? Check{name, CheckState::no, "(there is no such check)", {}}
                               : *found;
}

TEST(Abilities, OfASnapshotWithSomethingOfEverything) {
  auto snapshot = testing::payments_snapshot();
  EXPECT_EQ(named(abilities_of(snapshot), "list").state, CheckState::ok);
  EXPECT_EQ(named(abilities_of(snapshot), "types").state, CheckState::ok);
  EXPECT_EQ(named(abilities_of(snapshot), "wait lengths").state, CheckState::warn);

  snapshot.completeness.unreadable = 2;
  EXPECT_EQ(named(abilities_of(snapshot), "list").state, CheckState::warn);
  EXPECT_THAT(named(abilities_of(snapshot), "list").found, HasSubstr("memory of 2 could not"));
  snapshot.channels[0].elem_type = 0;
  EXPECT_EQ(named(abilities_of(snapshot), "types").state, CheckState::warn);
  for (auto& stack : snapshot.stacks) stack.complete = false;
  EXPECT_EQ(named(abilities_of(snapshot), "stacks").state, CheckState::no);
  for (auto& goroutine : snapshot.goroutines) goroutine.wait_ns = snapshot::kUnknown;
  EXPECT_EQ(named(abilities_of(snapshot), "wait lengths").state, CheckState::no);
  EXPECT_THAT(named(abilities_of(snapshot), "wait lengths").cure, HasSubstr("--watch 5s"));
}

TEST(Abilities, OfNothing) {
  for (const Check& check : abilities_of(snapshot::Snapshot()))
    EXPECT_EQ(check.state, CheckState::ok) << check.name << ": " << check.found;
}

TEST(Diagnose, AProcessThatCanBeRead) {
  GoProcess program({go_program("hello", "1.26.8")});
  program.line();
  const Diagnosis diagnosis = diagnose_process(program.pid(), 0);
  EXPECT_FALSE(diagnosis.error);
  EXPECT_EQ(named(diagnosis.checks, "release").found,
            "go1.26.8, from the executable's build information");
  EXPECT_THAT(named(diagnosis.checks, "symbols").found, HasSubstr("symbol table"));
  EXPECT_THAT(named(diagnosis.checks, "layouts").found, HasSubstr("table go1.26.8; "));
  for (const Check& check : diagnosis.checks)
    EXPECT_EQ(check.state, check.name == "collections" ? CheckState::warn : CheckState::ok)
        << check.name << ": " << check.found;
  for (const char* name : {"list", "channels", "stacks", "types", "freeze"})
    EXPECT_EQ(named(diagnosis.works, name).state, CheckState::ok)
        << name << ": " << named(diagnosis.works, name).found;
  EXPECT_EQ(diagnosis.next, "chanspect " + std::to_string(program.pid()));
}

TEST(Diagnose, AProcessThatIsNotGo) {
  GoProcess program({"/bin/sleep", "100"});
  const Diagnosis diagnosis = diagnose_process(program.pid(), 0);
  ASSERT_TRUE(diagnosis.error);
  EXPECT_EQ(diagnosis.error->code, ErrorCode::not_go);
  EXPECT_EQ(named(diagnosis.checks, "access").state, CheckState::ok);
  EXPECT_EQ(named(diagnosis.checks, "executable").state, CheckState::ok);
  EXPECT_EQ(named(diagnosis.checks, "release").state, CheckState::no);
  EXPECT_EQ(named(diagnosis.works, "list").state, CheckState::no);
}

TEST(Diagnose, NoSuchProcessAndNoSuchCore) {
  const Diagnosis process = diagnose_process(0x3ffffffe, 0);
  ASSERT_TRUE(process.error);
  EXPECT_EQ(process.error->code, ErrorCode::no_such_process);
  ASSERT_EQ(process.checks.size(), 1U);
  EXPECT_EQ(process.checks[0].state, CheckState::no);

  const Diagnosis core = diagnose_core("/no such/core", "", 0);
  ASSERT_TRUE(core.error);
  EXPECT_EQ(core.target, "'/no such/core'");
  EXPECT_EQ(named(core.checks, "core").state, CheckState::no);
}

}  // namespace
}  // namespace chanspect::capture
