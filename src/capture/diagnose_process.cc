// What can be read of a running process, and why what cannot.

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <string>
#include <utility>

#include "binary/elf.h"
#include "capture/abilities.h"
#include "capture/diagnose.h"
#include "capture/open.h"
#include "capture/program_checks.h"
#include "target/live_memory.h"
#include "target/permission.h"
#include "target/proc_file.h"
#include "target/process_facts.h"

namespace chanspect::capture {
namespace {

using target::AccessFacts;

std::string command_name(std::int32_t pid) {
  std::string name = target::read_whole(fmt::format("/proc/{}/comm", pid));
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

/// "5h16m", "3m", "12s".
std::string uptime_text(std::int64_t ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 3600;
  const std::int64_t seconds = ns / kSecond;
  if (seconds >= kHour) return fmt::format("{}h{}m", seconds / kHour, seconds % kHour / kMinute);
  return seconds >= kMinute ? fmt::format("{}m", seconds / kMinute) : fmt::format("{}s", seconds);
}

/// Its pid in the innermost of its pid namespaces; the pid itself where that is ours.
std::int32_t innermost_pid(std::int32_t pid) {
  std::istringstream lines(target::read_whole(fmt::format("/proc/{}/status", pid)));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream numbers(line.substr(line.find(':') + 1));
    std::int32_t last = pid;
    for (std::int32_t number = 0; numbers >> number;) last = number;
    return last;
  }
  return pid;
}

void add_process(Diagnosis& diagnosis, std::int32_t pid, const AccessFacts& facts) {
  std::string found = command_name(pid);
  if (const auto up = target::uptime_ns(pid); up >= 0) found += ", up " + uptime_text(up);
  if (facts.theirs) {
    found += fmt::format(", uid {}", facts.theirs->real_uid);
    if (!facts.theirs->user.empty()) found += fmt::format(" ({})", facts.theirs->user);
  }
  const auto threads = target::numbered_entries(fmt::format("/proc/{}/task", pid)).size();
  if (threads > 0) found += fmt::format(", {} thread{}", threads, threads == 1 ? "" : "s");
  diagnosis.add("process", CheckState::ok, std::move(found));
}

void add_namespaces(Diagnosis& diagnosis, std::int32_t pid, const AccessFacts& facts) {
  std::string found;
  if (const auto inner = innermost_pid(pid); inner != pid)
    found = fmt::format("a pid namespace of its own, in which it is {}", inner);
  const std::string mounts = target::read_link(fmt::format("/proc/{}/ns/mnt", pid));
  if (!mounts.empty() && mounts != target::read_link("/proc/self/ns/mnt"))
    found += fmt::format("{}mounts of its own: its files are read through /proc/{}",
                         found.empty() ? "" : "; ", pid);
  if (!facts.same_user_namespace)
    found += found.empty() ? "a user namespace of its own" : "; a user namespace of its own";
  diagnosis.add("namespaces", CheckState::ok, found.empty() ? "the same as ours" : found);
}

/// Whether its memory may be read, by trying.
void add_access(Diagnosis& diagnosis, std::int32_t pid, const AccessFacts& facts) {
  const auto memory = target::LiveMemory::open(pid);
  if (!memory) return add_failure(diagnosis, "access", memory.error());
  std::string found = "may be read";
  if (target::holds_ptrace(facts.ours.effective))
    found += ", by CAP_SYS_PTRACE";
  else
    found += ", as the same user";
  if (!facts.calls_filtered) {
    diagnosis.add("access", CheckState::ok, found + ", with process_vm_readv(2)");
    return;
  }
  diagnosis.add("access", CheckState::warn,
                fmt::format("{}, with /proc/{}/mem: a seccomp filter on us forbids "
                            "process_vm_readv(2), which is faster",
                            found, pid));
}

/// Where the kernel hides the executable, the first word of the command line is most often it.
std::string add_hidden_executable(Diagnosis& diagnosis, std::int32_t pid, const Error& error) {
  const std::string line = target::read_whole(fmt::format("/proc/{}/cmdline", pid));
  std::string path = line.substr(0, line.find('\0'));
  const auto elf =
      path.starts_with('/') ? binary::Elf::open(path) : Result<binary::Elf>(std::unexpected(error));
  if (!elf) {
    diagnosis.add("executable", CheckState::no, "the kernel does not show it to us");
    return {};
  }
  diagnosis.add("executable", CheckState::warn,
                fmt::format("{} by its command line: the kernel does not show it to us", path));
  return path;
}

/// Returns the path by which we can open it; empty where we cannot.
std::string add_executable(Diagnosis& diagnosis, std::int32_t pid) {
  const auto facts = target::process_facts(pid);
  if (!facts && facts.error().code == ErrorCode::denied)
    return add_hidden_executable(diagnosis, pid, facts.error());
  if (!facts) {
    add_failure(diagnosis, "executable", facts.error());
    return {};
  }
  std::string path = fmt::format("/proc/{}/exe", pid);
  std::string found = facts->executable;
  if (facts->executable_deleted) found += fmt::format(" (deleted: read through {})", path);
  const auto elf = binary::Elf::open(path);
  if (elf) {
    const std::string id = shown_build_id(*elf);
    found += id.empty() ? ", without a build id" : ", build id " + id;
  }
  diagnosis.add("executable", elf ? CheckState::ok : CheckState::no, std::move(found));
  return elf ? path : std::string();
}

/// The Go that a program of another language has loaded.
void add_library(Diagnosis& diagnosis, const std::string& executable, const OpenedProgram& opened) {
  if (opened.image_path.empty() || opened.image_path == executable) return;
  const std::string real = target::read_link(opened.image_path);
  diagnosis.add("library", CheckState::ok,
                fmt::format("the Go runtime is in {}, which the program has loaded",
                            real.empty() ? opened.image_path : real));
}

void say_what_next(Diagnosis& diagnosis) {
  if (!diagnosis.error) {
    diagnosis.next = "chanspect " + diagnosis.target;
    diagnosis.purpose = "what its goroutines wait for";
  } else if (diagnosis.error->code == ErrorCode::denied && !diagnosis.error->hint.empty()) {
    const std::string& hint = diagnosis.error->hint;
    diagnosis.next = hint.substr(0, std::min(hint.find('\n'), hint.find("   (")));
    diagnosis.purpose = "has the right that is missing";
  } else if (diagnosis.error->code == ErrorCode::denied) {
    diagnosis.next = "chanspect doctor";
    diagnosis.purpose = "what this machine lets us do";
  } else {
    diagnosis.next = "chanspect ps";
    diagnosis.purpose = "lists the Go processes of this machine";
  }
}

}  // namespace

Diagnosis diagnose_process(std::int32_t pid, unsigned threads) {
  Diagnosis diagnosis;
  diagnosis.subject = fmt::format("process {}", pid);
  diagnosis.target = std::to_string(pid);
  OpenedProgram opened;
  if (auto done = open_process(pid, opened); !done) diagnosis.error = std::move(done).error();

  const AccessFacts facts = target::access_facts(pid, EPERM);
  if (diagnosis.error && diagnosis.error->code == ErrorCode::no_such_process) {
    add_failure(diagnosis, "process", *diagnosis.error);
  } else {
    add_process(diagnosis, pid, facts);
    add_namespaces(diagnosis, pid, facts);
    add_access(diagnosis, pid, facts);
    const std::string executable = add_executable(diagnosis, pid);
    add_library(diagnosis, executable, opened);
    const std::string& file = opened.image_path.empty() ? executable : opened.image_path;
    if (!file.empty()) add_file_checks(diagnosis, file, diagnosis.error);
    add_runtime_checks(diagnosis, opened, diagnosis.error);
  }
  if (diagnosis.error)
    add_no_abilities(diagnosis);
  else
    add_abilities(diagnosis, opened, threads);
  say_what_next(diagnosis);
  return diagnosis;
}

}  // namespace chanspect::capture
