#include "target/permission.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <cerrno>
#include <system_error>

namespace chanspect::target {

std::string as_root(const AccessFacts& facts) {
  return facts.sudo ? fmt::format("sudo {}", facts.command)
                    : fmt::format("su -c \"{}\"", facts.command);
}

std::string from_outside(const AccessFacts& facts) {
  if (facts.kubernetes)
    return fmt::format(
        "kubectl debug -it POD --image=IMAGE --target=CONTAINER --profile=sysadmin -- {}",
        facts.command);
  if (facts.container)
    return fmt::format(
        "docker exec --privileged CONTAINER {0}\n"
        "docker run -it --pid=container:CONTAINER --cap-add SYS_PTRACE IMAGE {0}   (beside it; "
        "IMAGE holds chanspect)\n"
        "docker run --cap-add SYS_PTRACE …   (start the container with the right)",
        facts.command);
  return fmt::format("sudo {}   (from a shell on the host itself)", facts.command);
}

std::string gain_capability(const AccessFacts& facts) {
  if (!holds_ptrace(facts.ours.bounding) || facts.ours.no_new_privileges)
    return from_outside(facts);
  return fmt::format(
      "{}\n{}setcap cap_sys_ptrace+ep {}   (once; whoever may run it then reads every process)",
      as_root(facts), facts.sudo ? "sudo " : "", facts.program);
}

bool holds_ptrace(std::uint64_t capabilities) {
  return (capabilities & (1ULL << CAP_SYS_PTRACE)) != 0;
}

namespace {

/// CAP_SYS_PTRACE counts in our own user namespace and those below it. A namespace other than ours
/// can only be below where ours is the initial one.
bool privileged(const AccessFacts& facts) {
  return holds_ptrace(facts.ours.effective) &&
         (facts.same_user_namespace || facts.initial_user_namespace);
}

/// The real ids of the caller must equal all three of the target (kernel/ptrace.c,
/// __ptrace_may_access with PTRACE_MODE_REALCREDS).
bool same_user(const Credentials& ours, const Credentials& theirs) {
  const uid_t uid = ours.real_uid;
  const gid_t gid = ours.real_gid;
  return uid == theirs.real_uid && uid == theirs.effective_uid && uid == theirs.saved_uid &&
         gid == theirs.real_gid && gid == theirs.effective_gid && gid == theirs.saved_gid;
}

/// The first rule that turns away a caller without privilege, in the kernel's order; nothing when
/// all are content.
std::optional<DenyingRule> rule_for_the_unprivileged(const AccessFacts& facts) {
  const bool useless_capability = holds_ptrace(facts.ours.effective);
  if (useless_capability) return DenyingRule::user_namespace;
  if (!same_user(facts.ours, *facts.theirs)) return DenyingRule::different_user;
  if (facts.dumpable == false) return DenyingRule::not_dumpable;
  if (!facts.same_user_namespace) return DenyingRule::user_namespace;
  if ((facts.theirs->permitted & ~facts.ours.permitted) != 0) return DenyingRule::more_capabilities;
  // Of root's processes /proc does not tell; but what is left of the weaker check is just this.
  if (!facts.dumpable && !facts.weak_access) return DenyingRule::not_dumpable;
  if (facts.yama_scope == 1 && !facts.descendant) return DenyingRule::yama_restricted;
  if (facts.yama_scope == 2) return DenyingRule::yama_admin;
  return std::nullopt;
}

std::string person(const Credentials& who, uid_t uid) {
  if (who.user.empty() || uid != who.real_uid) return fmt::format("uid {}", uid);
  return fmt::format("uid {} ({})", uid, who.user);
}

std::string different_user(const AccessFacts& facts) {
  const Credentials& ours = facts.ours;
  const Credentials& theirs = *facts.theirs;
  if (ours.real_uid != theirs.real_uid || ours.real_uid != theirs.effective_uid ||
      ours.real_uid != theirs.saved_uid) {
    const uid_t other = theirs.real_uid != ours.real_uid ? theirs.real_uid : theirs.effective_uid;
    return fmt::format("it runs as {} and we as {} without CAP_SYS_PTRACE", person(theirs, other),
                       person(ours, ours.real_uid));
  }
  return fmt::format("it runs with gid {} and we with gid {} without CAP_SYS_PTRACE",
                     theirs.effective_gid, ours.real_gid);
}

std::string in_words(const AccessFacts& facts, DenyingRule rule) {
  switch (rule) {
    case DenyingRule::no_such_process:
      return facts.initial_pid_namespace ? ""
                                         : "from inside a pid namespace (a container) only its own "
                                           "processes are seen, under other numbers";
    case DenyingRule::thread:
      return fmt::format("{} is a thread of process {}", facts.pid, facts.theirs->thread_group);
    case DenyingRule::hidden:
      return "it belongs to another user, and /proc is mounted with hidepid";
    case DenyingRule::user_namespace:
      return "it is in another user namespace, where our capabilities count for nothing";
    case DenyingRule::different_user:
      return different_user(facts);
    case DenyingRule::not_dumpable:
      return "it is not dumpable (setuid or setgid, file capabilities, prctl(PR_SET_DUMPABLE) or "
             "an "
             "executable that its user may not read), so only CAP_SYS_PTRACE reads it";
    case DenyingRule::more_capabilities:
      return fmt::format("it holds capabilities that we lack ({:#x})",
                         facts.theirs->permitted & ~facts.ours.permitted);
    case DenyingRule::yama_restricted:
      return fmt::format("Yama's kernel.yama.ptrace_scope is 1 and {} is no child of ours",
                         facts.pid);
    case DenyingRule::yama_admin:
      return "Yama's kernel.yama.ptrace_scope is 2: only with CAP_SYS_PTRACE";
    case DenyingRule::yama_off:
      return "Yama's kernel.yama.ptrace_scope is 3: nobody, not even root, until the next boot";
    case DenyingRule::traced:
      return fmt::format("process {} ({}) traces it already", facts.theirs->tracer,
                         facts.tracer_name);
    case DenyingRule::seccomp:
      return "a seccomp filter on us forbids process_vm_readv(2)";
    case DenyingRule::security_module:
      break;
  }
  const std::string answer = std::generic_category().message(facts.error);
  if (facts.security_label.empty())
    return fmt::format(
        "{}; the rules of ptrace(2) allow it, so a security module (AppArmor, "
        "SELinux) does not",
        answer);
  return fmt::format("{}; the rules of ptrace(2) allow it, so our confinement by '{}' does not",
                     answer, facts.security_label);
}

std::string way_out(const AccessFacts& facts, DenyingRule rule) {
  switch (rule) {
    case DenyingRule::no_such_process:
      return "chanspect ps   (lists the Go processes of this machine)";
    case DenyingRule::thread:
      return fmt::format("chanspect {}", facts.theirs->thread_group);
    case DenyingRule::user_namespace:
      return facts.initial_user_namespace ? gain_capability(facts) : from_outside(facts);
    case DenyingRule::hidden:
    case DenyingRule::different_user:
    case DenyingRule::not_dumpable:
    case DenyingRule::more_capabilities:
    case DenyingRule::yama_admin:
      return gain_capability(facts);
    case DenyingRule::yama_restricted:
      return gain_capability(facts) +
             "\nsudo sysctl kernel.yama.ptrace_scope=0   (until the next boot; every program may "
             "then read every other one of its user, passwords and keys included)";
    case DenyingRule::yama_off:
      return "set kernel.yama.ptrace_scope to 1 in /etc/sysctl.d and reboot: a running kernel does "
             "not take it back";
    case DenyingRule::traced:
      return "leave out --stop freeze: the default reads without stopping";
    case DenyingRule::seccomp:
    case DenyingRule::security_module:
      break;
  }
  if (facts.container) return from_outside(facts);
  return rule == DenyingRule::seccomp
             ? fmt::format("{}   (from a shell without the filter)", facts.command)
             : "sudo journalctl -k | grep -iE 'apparmor|avc'   (names the denial)";
}

}  // namespace

std::optional<DenyingRule> foreseen_rule(const AccessFacts& facts) {
  if (!facts.exists) return DenyingRule::no_such_process;
  if (!facts.theirs) return DenyingRule::hidden;
  if (facts.theirs->thread_group != facts.pid) return DenyingRule::thread;
  if (facts.access == Access::stop && facts.theirs->tracer != 0) return DenyingRule::traced;
  if (!privileged(facts))
    if (const auto rule = rule_for_the_unprivileged(facts)) return rule;
  if (facts.yama_scope == 3) return DenyingRule::yama_off;
  if (facts.calls_filtered) return DenyingRule::seccomp;
  return std::nullopt;
}

DenyingRule denying_rule(const AccessFacts& facts) {
  return foreseen_rule(facts).value_or(DenyingRule::security_module);
}

std::string_view in_short(DenyingRule rule) {
  switch (rule) {
    case DenyingRule::no_such_process:
    case DenyingRule::thread:
      return "ended";
    case DenyingRule::hidden:
      return "hidden";
    case DenyingRule::user_namespace:
      return "user namespace";
    case DenyingRule::different_user:
      return "other user";
    case DenyingRule::not_dumpable:
      return "not dumpable";
    case DenyingRule::more_capabilities:
      return "has capabilities";
    case DenyingRule::yama_restricted:
    case DenyingRule::yama_admin:
    case DenyingRule::yama_off:
      return "Yama";
    case DenyingRule::traced:
      return "traced";
    case DenyingRule::seccomp:
      return "seccomp";
    case DenyingRule::security_module:
      break;
  }
  return "security module";
}

Error explain(const AccessFacts& facts) {
  const DenyingRule rule = denying_rule(facts);
  const bool absent = rule == DenyingRule::no_such_process || rule == DenyingRule::thread;
  const char* tried = facts.access == Access::stop ? "stop" : "read";
  return {absent ? ErrorCode::no_such_process : ErrorCode::denied,
          absent ? fmt::format("no process {}", facts.pid)
                 : fmt::format("cannot {} process {}", tried, facts.pid),
          in_words(facts, rule), way_out(facts, rule)};
}

}  // namespace chanspect::target
