#include "target/machine.h"

#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <sstream>
#include <string_view>

#include "target/proc_file.h"

namespace chanspect::target {
namespace {

std::string kernel() {
  utsname names{};
  if (uname(&names) != 0) return "unknown";
  return fmt::format("{} {} {}", &names.sysname[0], &names.release[0], &names.machine[0]);
}

std::optional<int> yama() {
  const std::string text = read_whole("/proc/sys/kernel/yama/ptrace_scope");
  int scope = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), scope);
  return error == std::errc{} ? std::optional(scope) : std::nullopt;
}

/// The option of the mount of /proc (proc(5)), by the last mount there.
std::string hidepid() {
  std::istringstream lines(read_whole("/proc/self/mountinfo"));
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" /proc ") == std::string::npos) continue;
    constexpr std::string_view kKey = "hidepid=";
    const std::size_t at = line.find(kKey);
    if (at == std::string::npos) {
      found.clear();
      continue;
    }
    const std::size_t from = at + kKey.size();
    found = line.substr(from, line.find_first_of(", ", from) - from);
  }
  return found;
}

bool has_capability(const MachineFacts& facts) {
  return holds_ptrace(facts.access.ours.effective);
}

Check user_check(const MachineFacts& facts) {
  const Credentials& ours = facts.access.ours;
  std::string who = fmt::format("uid {}", ours.effective_uid);
  if (!ours.user.empty() && ours.effective_uid == ours.real_uid)
    who += fmt::format(" ({})", ours.user);
  if (has_capability(facts)) return {"user", CheckState::ok, who, {}};
  return {"user", CheckState::warn, who + ": only this user's own processes can be read", {}};
}

Check capability_check(const MachineFacts& facts) {
  const Credentials& ours = facts.access.ours;
  if (has_capability(facts)) return {"CAP_SYS_PTRACE", CheckState::ok, "effective", {}};
  std::string found = "we lack it";
  if (!holds_ptrace(ours.bounding))
    found += ", and it is not in our bounding set: not even root gets it here";
  else if (ours.no_new_privileges)
    found += ", and no_new_privs keeps sudo and setcap from giving it";
  else
    found += "; sudo or setcap can give it";
  return {"CAP_SYS_PTRACE", CheckState::warn, found, gain_capability(facts.access)};
}

Check yama_check(const MachineFacts& facts) {
  constexpr int kRestricted = 1;
  constexpr int kAdmin = 2;
  const auto check = [&](CheckState state, std::string_view meaning, std::string cure = {}) {
    return Check{"Yama", state, fmt::format("ptrace_scope is {}: {}", *facts.yama, meaning),
                 std::move(cure)};
  };
  if (!facts.yama)
    return {"Yama", CheckState::ok, "there is none: the same user may read its processes", {}};
  if (*facts.yama > kAdmin)
    return check(CheckState::no, "nobody reads another process, not even root",
                 "set kernel.yama.ptrace_scope to 1 in /etc/sysctl.d and reboot: a running kernel "
                 "does not take it back");
  if (*facts.yama == 0) return check(CheckState::ok, "the same user may read its processes");
  const std::string_view who = *facts.yama == kRestricted
                                   ? "only CAP_SYS_PTRACE reads what is no child of ours"
                                   : "only CAP_SYS_PTRACE reads other processes";
  if (has_capability(facts)) return check(CheckState::ok, fmt::format("{}, which we have", who));
  return check(CheckState::warn, who,
               "sudo sysctl kernel.yama.ptrace_scope=0   (until the next boot; every program may "
               "then read every other one of its user, passwords and keys included)");
}

Check seccomp_check(const MachineFacts& facts) {
  const AccessFacts& access = facts.access;
  if (!access.ours.seccomp_filter && !access.calls_filtered && !facts.ptrace_filtered)
    return {"seccomp", CheckState::ok, "no filter on us", {}};
  if (!access.calls_filtered && !facts.ptrace_filtered)
    return {"seccomp", CheckState::ok, "the filter on us lets through what we need", {}};
  std::string found = "the filter on us forbids ";
  if (access.calls_filtered) found += "process_vm_readv(2), /proc/PID/mem is read instead";
  if (facts.ptrace_filtered)
    found += fmt::format("{}ptrace(2), which --stop freeze takes",
                         access.calls_filtered ? "; and " : "");
  return {"seccomp", CheckState::warn, found, from_outside(access)};
}

Check reading_check(const MachineFacts& facts) {
  if (!facts.access.calls_filtered)
    return {"reading", CheckState::ok, "process_vm_readv(2) works", {}};
  return {"reading",
          CheckState::warn,
          "process_vm_readv(2) does not work: /proc/PID/mem is slower",
          {}};
}

Check container_check(const AccessFacts& access) {
  std::string found = "none that shows: no Docker, Podman or Kubernetes";
  if (access.kubernetes)
    found = "a pod of Kubernetes";
  else if (access.container)
    found = "of Docker or Podman";
  return {"container", CheckState::ok, found, {}};
}

std::vector<Check> namespace_checks(const AccessFacts& access) {
  std::vector<Check> checks;
  if (access.initial_pid_namespace)
    checks.push_back({"pids", CheckState::ok, "all of the machine's are seen", {}});
  else
    checks.push_back({"pids", CheckState::warn,
                      "a pid namespace of our own: only its processes are seen, under their "
                      "numbers here",
                      from_outside(access)});
  if (access.initial_user_namespace)
    checks.push_back({"user namespace", CheckState::ok, "the machine's own", {}});
  else
    checks.push_back({"user namespace",
                      CheckState::warn,
                      "another than the machine's: our capabilities count only within it",
                      {}});
  return checks;
}

Check proc_check(const MachineFacts& facts) {
  if (facts.hidepid.empty() || facts.hidepid == "0" || facts.hidepid == "off")
    return {"/proc", CheckState::ok, "mounted without hidepid", {}};
  const std::string found = "mounted with hidepid=" + facts.hidepid;
  if (has_capability(facts)) return {"/proc", CheckState::ok, found + ", which is not for us", {}};
  return {"/proc", CheckState::warn, found + ": other users' processes do not show",
          as_root(facts.access)};
}

Check module_check(const AccessFacts& access) {
  if (access.security_label.empty())
    return {"confinement", CheckState::ok, "none by AppArmor or SELinux", {}};
  return {
      "confinement",
      CheckState::warn,
      fmt::format("by '{}', which may forbid what the other rules allow", access.security_label),
      {}};
}

}  // namespace

bool ptrace_is_filtered() {
  constexpr pid_t kNobody = -1;
  errno = 0;
  return ptrace(PTRACE_SEIZE, kNobody, nullptr, nullptr) < 0 && errno != ESRCH;
}

MachineFacts machine_facts() {
  MachineFacts facts;
  facts.kernel = kernel();
  facts.access = access_facts(getpid(), 0);
  facts.yama = yama();
  facts.hidepid = hidepid();
  facts.ptrace_filtered = ptrace_is_filtered();
  return facts;
}

std::vector<Check> checks_of(const MachineFacts& facts) {
  std::vector<Check> checks = {
      {"kernel", CheckState::ok, facts.kernel, {}},
      user_check(facts),
      capability_check(facts),
      yama_check(facts),
      seccomp_check(facts),
      reading_check(facts),
      module_check(facts.access),
      container_check(facts.access),
  };
  for (Check& check : namespace_checks(facts.access)) checks.push_back(std::move(check));
  checks.push_back(proc_check(facts));
  checks.push_back(
      {"other programs", CheckState::ok, "none needed: neither gdb, gcore nor dlv", {}});
  return checks;
}

}  // namespace chanspect::target
