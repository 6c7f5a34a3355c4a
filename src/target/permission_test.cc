#include "target/permission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include <cerrno>

#include "base/shell_word.h"

namespace chanspect::target {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kPtrace = 1ULL << CAP_SYS_PTRACE;

Credentials user(uid_t uid, const char* name) {
  Credentials who;
  who.real_uid = who.effective_uid = who.saved_uid = uid;
  who.real_gid = who.effective_gid = who.saved_gid = uid;
  who.bounding = ~0ULL;
  who.user = name;
  return who;
}

/// Process 4242 of the same user as we are, which every rule allows.
AccessFacts allowed() {
  AccessFacts facts;
  facts.pid = 4242;
  facts.error = EPERM;
  facts.ours = user(1000, "ann");
  facts.theirs = user(1000, "ann");
  facts.theirs->thread_group = 4242;
  facts.weak_access = true;
  facts.dumpable = true;
  facts.program = "/opt/chanspect";
  facts.command = "/opt/chanspect blocked 4242";
  return facts;
}

TEST(Permission, OtherUserNeedsTheCapability) {
  AccessFacts facts = allowed();
  facts.theirs->real_uid = facts.theirs->effective_uid = facts.theirs->saved_uid = 0;
  facts.theirs->user = "root";
  EXPECT_EQ(denying_rule(facts), DenyingRule::different_user);
  const Error error = explain(facts);
  EXPECT_EQ(error.code, ErrorCode::denied);
  EXPECT_EQ(error.message(),
            "cannot read process 4242: it runs as uid 0 (root) and we as uid 1000 (ann) without "
            "CAP_SYS_PTRACE");
  EXPECT_THAT(error.hint, HasSubstr("sudo /opt/chanspect blocked 4242\n"));
  EXPECT_THAT(error.hint, HasSubstr("\nsudo setcap cap_sys_ptrace+ep /opt/chanspect"));
  facts.ours.effective = kPtrace;
  EXPECT_NE(denying_rule(facts), DenyingRule::different_user);
}

TEST(Permission, SetuidTargetIsAnotherUser) {
  AccessFacts facts = allowed();
  facts.theirs->effective_uid = facts.theirs->saved_uid = 0;
  EXPECT_EQ(denying_rule(facts), DenyingRule::different_user);
  EXPECT_THAT(explain(facts).why, HasSubstr("it runs as uid 0 "));
}

TEST(Permission, OtherGroupAloneDeniesToo) {
  AccessFacts facts = allowed();
  facts.theirs->effective_gid = 7;
  EXPECT_EQ(denying_rule(facts), DenyingRule::different_user);
  EXPECT_THAT(explain(facts).why, HasSubstr("gid 7"));
}

TEST(Permission, WithoutSudoOnTheMachine) {
  AccessFacts facts = allowed();
  facts.theirs->effective_uid = 0;
  facts.sudo = false;
  EXPECT_THAT(explain(facts).hint, HasSubstr("su -c \"/opt/chanspect blocked 4242\""));
  EXPECT_THAT(explain(facts).hint, Not(HasSubstr("sudo")));
}

TEST(Permission, ContainersWithoutTheCapability) {
  AccessFacts facts = allowed();
  facts.ours = user(0, "root");
  facts.ours.bounding = ~kPtrace;
  facts.container = true;
  EXPECT_EQ(denying_rule(facts), DenyingRule::different_user);
  EXPECT_THAT(explain(facts).hint, HasSubstr("docker exec --privileged CONTAINER /opt/chanspect"));
  EXPECT_THAT(explain(facts).hint, HasSubstr("docker run --cap-add SYS_PTRACE"));
  EXPECT_THAT(explain(facts).hint,
              HasSubstr("\ndocker run -it --pid=container:CONTAINER --cap-add SYS_PTRACE IMAGE "
                        "/opt/chanspect blocked 4242   ("));
  facts.kubernetes = true;
  EXPECT_THAT(explain(facts).hint, HasSubstr("--target=CONTAINER --profile=sysadmin"));
  EXPECT_THAT(explain(facts).hint, Not(HasSubstr("docker")));
}

TEST(Permission, NoNewPrivilegesMakesSudoUseless) {
  AccessFacts facts = allowed();
  facts.theirs->effective_uid = 0;
  facts.ours.no_new_privileges = true;
  EXPECT_THAT(explain(facts).hint, HasSubstr("on the host"));
  EXPECT_THAT(explain(facts).hint, Not(HasSubstr("setcap")));
}

TEST(Permission, NotDumpable) {
  AccessFacts facts = allowed();
  facts.dumpable = false;
  EXPECT_EQ(denying_rule(facts), DenyingRule::not_dumpable);
  EXPECT_THAT(explain(facts).why, HasSubstr("PR_SET_DUMPABLE"));
  facts.ours.effective = kPtrace;
  EXPECT_NE(denying_rule(facts), DenyingRule::not_dumpable);
}

TEST(Permission, NotDumpableAmongRootsProcessesIsFoundByElimination) {
  AccessFacts facts = allowed();
  facts.dumpable.reset();
  EXPECT_EQ(denying_rule(facts), DenyingRule::security_module);
  facts.weak_access = false;
  EXPECT_EQ(denying_rule(facts), DenyingRule::not_dumpable);
}

TEST(Permission, TargetWithMoreCapabilities) {
  AccessFacts facts = allowed();
  facts.theirs->permitted = 1ULL << CAP_NET_BIND_SERVICE;
  EXPECT_EQ(denying_rule(facts), DenyingRule::more_capabilities);
  EXPECT_THAT(explain(facts).why, HasSubstr("(0x400)"));
  facts.ours.permitted = facts.theirs->permitted;
  EXPECT_NE(denying_rule(facts), DenyingRule::more_capabilities);
}

TEST(Permission, YamaRestrictedToDescendants) {
  AccessFacts facts = allowed();
  facts.yama_scope = 1;
  EXPECT_EQ(denying_rule(facts), DenyingRule::yama_restricted);
  EXPECT_THAT(explain(facts).why, HasSubstr("ptrace_scope is 1"));
  EXPECT_THAT(explain(facts).hint, HasSubstr("sudo /opt/chanspect blocked 4242\n"));
  EXPECT_THAT(explain(facts).hint, HasSubstr("sysctl kernel.yama.ptrace_scope=0"));
  EXPECT_THAT(explain(facts).hint, HasSubstr("every program may then read every other"));
  facts.descendant = true;
  EXPECT_NE(denying_rule(facts), DenyingRule::yama_restricted);
}

TEST(Permission, YamaForAdministratorsOnly) {
  AccessFacts facts = allowed();
  facts.yama_scope = 2;
  facts.descendant = true;
  EXPECT_EQ(denying_rule(facts), DenyingRule::yama_admin);
  facts.ours.effective = kPtrace;
  EXPECT_NE(denying_rule(facts), DenyingRule::yama_admin);
}

TEST(Permission, YamaOffDeniesRootToo) {
  AccessFacts facts = allowed();
  facts.yama_scope = 3;
  facts.ours.effective = kPtrace;
  EXPECT_EQ(denying_rule(facts), DenyingRule::yama_off);
  EXPECT_THAT(explain(facts).hint, HasSubstr("reboot"));
}

TEST(Permission, CapabilityOfAnotherUserNamespace) {
  AccessFacts facts = allowed();
  facts.ours.effective = kPtrace;
  facts.initial_user_namespace = false;
  facts.same_user_namespace = false;
  facts.container = true;
  EXPECT_EQ(denying_rule(facts), DenyingRule::user_namespace);
  EXPECT_THAT(explain(facts).hint, HasSubstr("docker exec --privileged"));
}

TEST(Permission, ProcessOfANamespaceBelowOurs) {
  AccessFacts facts = allowed();
  facts.same_user_namespace = false;
  EXPECT_EQ(denying_rule(facts), DenyingRule::user_namespace);
  EXPECT_THAT(explain(facts).hint, HasSubstr("sudo /opt/chanspect"));
  facts.ours.effective = kPtrace;  // from the initial namespace it reaches everywhere
  EXPECT_NE(denying_rule(facts), DenyingRule::user_namespace);
}

TEST(Permission, SystemCallFilter) {
  AccessFacts facts = allowed();
  facts.calls_filtered = true;
  EXPECT_EQ(denying_rule(facts), DenyingRule::seccomp);
  EXPECT_THAT(explain(facts).why, HasSubstr("seccomp"));
}

TEST(Permission, TracedByAnother) {
  AccessFacts facts = allowed();
  facts.access = Access::stop;
  facts.theirs->tracer = 77;
  facts.tracer_name = "dlv";
  EXPECT_EQ(denying_rule(facts), DenyingRule::traced);
  EXPECT_EQ(explain(facts).message(),
            "cannot stop process 4242: process 77 (dlv) traces it already");
  facts.access = Access::read;  // reading does not mind a tracer
  EXPECT_NE(denying_rule(facts), DenyingRule::traced);
}

TEST(Permission, HiddenByTheMountOfProc) {
  AccessFacts facts = allowed();
  facts.theirs.reset();
  EXPECT_EQ(denying_rule(facts), DenyingRule::hidden);
  EXPECT_EQ(explain(facts).code, ErrorCode::denied);
  EXPECT_THAT(explain(facts).why, HasSubstr("hidepid"));
}

TEST(Permission, NoSuchProcess) {
  AccessFacts facts = allowed();
  facts.theirs.reset();
  facts.exists = false;
  EXPECT_EQ(explain(facts).code, ErrorCode::no_such_process);
  EXPECT_EQ(explain(facts).message(), "no process 4242");
  EXPECT_THAT(explain(facts).hint, HasSubstr("chanspect ps"));
  facts.initial_pid_namespace = false;
  EXPECT_THAT(explain(facts).why, HasSubstr("pid namespace"));
}

TEST(Permission, NumberOfAThread) {
  AccessFacts facts = allowed();
  facts.theirs->thread_group = 4240;
  EXPECT_EQ(explain(facts).code, ErrorCode::no_such_process);
  EXPECT_EQ(explain(facts).message(), "no process 4242: 4242 is a thread of process 4240");
  EXPECT_EQ(explain(facts).hint, "chanspect 4240");
}

TEST(Permission, WhatWasNotTriedIsForeseen) {
  AccessFacts facts = allowed();
  EXPECT_EQ(foreseen_rule(facts), std::nullopt);
  facts.access = Access::stop;
  EXPECT_EQ(foreseen_rule(facts), std::nullopt);
  facts.theirs->tracer = 77;
  EXPECT_EQ(foreseen_rule(facts), DenyingRule::traced);
}

TEST(Permission, WordsForAShell) {
  EXPECT_EQ(shell_word("/var/core.1"), "/var/core.1");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(Permission, WhateverElseIsASecurityModule) {
  AccessFacts facts = allowed();
  EXPECT_EQ(denying_rule(facts), DenyingRule::security_module);
  EXPECT_THAT(explain(facts).why, HasSubstr("Operation not permitted"));
  facts.security_label = "docker-default (enforce)";
  EXPECT_THAT(explain(facts).why, HasSubstr("'docker-default (enforce)'"));
}

}  // namespace
}  // namespace chanspect::target
