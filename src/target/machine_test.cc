#include "target/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

/// What is made of a machine's rules; and that the facts of this one are true.
namespace chanspect::target {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kPtrace = 1ULL << CAP_SYS_PTRACE;

MachineFacts ordinary() {
  MachineFacts facts;
  facts.access.ours.real_uid = facts.access.ours.effective_uid = 1000;
  facts.access.ours.user = "ann";
  facts.access.ours.bounding = ~0ULL;
  facts.access.program = "/opt/chanspect";
  facts.access.command = "/opt/chanspect doctor";
  return facts;
}

Check check(const MachineFacts& facts, const std::string& name) {
  const auto checks = checks_of(facts);
  const auto found = std::ranges::find(checks, name, &Check::name);
  return found == checks.end() ? Check{} : *found;
}

TEST(Machine, AnOrdinaryUserIsToldOfTheCapability) {
  MachineFacts facts = ordinary();
  EXPECT_EQ(check(facts, "user").found,
            "uid 1000 (ann): only this user's own processes can be read");
  const Check lacking = check(facts, "CAP_SYS_PTRACE");
  EXPECT_EQ(lacking.state, CheckState::warn);
  EXPECT_EQ(lacking.found, "we lack it; sudo or setcap can give it");
  EXPECT_THAT(lacking.cure, HasSubstr("sudo /opt/chanspect doctor\nsudo setcap cap_sys_ptrace+ep"));
  facts.access.ours.effective = kPtrace;
  EXPECT_EQ(check(facts, "CAP_SYS_PTRACE").state, CheckState::ok);
  EXPECT_EQ(check(facts, "user").state, CheckState::ok);
}

TEST(Machine, ContainersWithoutTheCapability) {
  MachineFacts facts = ordinary();
  facts.access.ours.bounding = ~kPtrace;
  facts.access.container = true;
  EXPECT_THAT(check(facts, "CAP_SYS_PTRACE").found, HasSubstr("not even root"));
  EXPECT_THAT(check(facts, "CAP_SYS_PTRACE").cure,
              HasSubstr("docker run -it --pid=container:CONTAINER --cap-add SYS_PTRACE IMAGE "));
  EXPECT_EQ(check(facts, "container").found, "of Docker or Podman");
  facts.access.kubernetes = true;
  EXPECT_EQ(check(facts, "container").found, "a pod of Kubernetes");
  EXPECT_THAT(check(facts, "CAP_SYS_PTRACE").cure,
              HasSubstr("kubectl debug -it POD --image=IMAGE --target=CONTAINER"));
}

TEST(Machine, Yama) {
  MachineFacts facts = ordinary();
  EXPECT_EQ(check(facts, "Yama").state, CheckState::ok);
  EXPECT_THAT(check(facts, "Yama").found, HasSubstr("there is none"));
  facts.yama = 0;
  EXPECT_EQ(check(facts, "Yama").state, CheckState::ok);
  facts.yama = 1;
  EXPECT_EQ(check(facts, "Yama").state, CheckState::warn);
  EXPECT_THAT(check(facts, "Yama").cure, HasSubstr("sysctl kernel.yama.ptrace_scope=0"));
  facts.access.ours.effective = kPtrace;
  EXPECT_EQ(check(facts, "Yama").state, CheckState::ok);
  facts.yama = 3;
  EXPECT_EQ(check(facts, "Yama").state, CheckState::no);
}

TEST(Machine, FiltersOfSystemCalls) {
  MachineFacts facts = ordinary();
  EXPECT_EQ(check(facts, "seccomp").found, "no filter on us");
  facts.access.ours.seccomp_filter = true;
  EXPECT_EQ(check(facts, "seccomp").state, CheckState::ok);
  facts.ptrace_filtered = true;
  EXPECT_EQ(check(facts, "seccomp").found,
            "the filter on us forbids ptrace(2), which --stop freeze takes");
  facts.access.calls_filtered = true;
  EXPECT_THAT(check(facts, "seccomp").found, HasSubstr("process_vm_readv(2), /proc/PID/mem"));
  EXPECT_EQ(check(facts, "reading").state, CheckState::warn);
}

TEST(Machine, HiddenProcessesAndNamespaces) {
  MachineFacts facts = ordinary();
  EXPECT_EQ(check(facts, "/proc").state, CheckState::ok);
  facts.hidepid = "invisible";
  EXPECT_EQ(check(facts, "/proc").state, CheckState::warn);
  facts.access.ours.effective = kPtrace;
  EXPECT_EQ(check(facts, "/proc").state, CheckState::ok);
  EXPECT_EQ(check(facts, "pids").state, CheckState::ok);
  facts.access.initial_pid_namespace = facts.access.initial_user_namespace = false;
  EXPECT_EQ(check(facts, "pids").state, CheckState::warn);
  EXPECT_EQ(check(facts, "user namespace").state, CheckState::warn);
}

TEST(Machine, TheFactsOfThisOne) {
  const MachineFacts facts = machine_facts();
  utsname names{};
  ASSERT_EQ(uname(&names), 0);
  EXPECT_THAT(facts.kernel, HasSubstr(static_cast<const char*>(names.release)));
  EXPECT_EQ(facts.access.ours.effective_uid, geteuid());
  EXPECT_EQ(facts.yama.has_value(), access("/proc/sys/kernel/yama/ptrace_scope", F_OK) == 0);
  for (const Check& one : checks_of(facts)) {
    EXPECT_FALSE(one.name.empty());
    EXPECT_FALSE(one.found.empty()) << one.name;
  }
}

}  // namespace
}  // namespace chanspect::target
