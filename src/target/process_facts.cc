#include "target/process_facts.h"

#include <elf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <sstream>

#include "target/permission.h"
#include "target/proc_file.h"

namespace chanspect::target {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Result<std::string> executable_path(pid_t pid) {
  std::array<char, PATH_MAX> path{};
  const ssize_t length =
      readlink(fmt::format("/proc/{}/exe", pid).c_str(), path.data(), path.size());
  if (length >= 0) return std::string(path.data(), static_cast<std::size_t>(length));
  const int error = errno;
  if (error == ENOENT && access(fmt::format("/proc/{}", pid).c_str(), F_OK) == 0)
    return fail(ErrorCode::not_go, fmt::format("process {} is no Go program", pid),
                "it has no executable: a kernel thread or a zombie");
  return std::unexpected(explain_denied(pid, error));
}

/// Field 22 of /proc/PID/stat, in clock ticks since boot; the command name before it can hold
/// spaces and parentheses, so count from the last ')'.
std::int64_t start_ticks(pid_t pid) {
  const std::string stat = read_whole(fmt::format("/proc/{}/stat", pid));
  const auto after_name = stat.rfind(')');
  if (after_name == std::string::npos) return -1;
  std::istringstream fields(stat.substr(after_name + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  std::int64_t ticks = -1;
  fields >> ticks;
  return fields ? ticks : -1;
}

}  // namespace

std::int64_t uptime_ns(pid_t pid) {
  const std::int64_t ticks = start_ticks(pid);
  const std::int64_t per_second = sysconf(_SC_CLK_TCK);
  timespec now{};
  if (ticks < 0 || per_second <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return -1;
  const std::int64_t started = ticks * (kSecond / per_second);
  return std::max<std::int64_t>(0, now.tv_sec * kSecond + now.tv_nsec - started);
}

Result<ProcessFacts> process_facts(pid_t pid) {
  ProcessFacts facts;
  facts.pid = pid;
  CS_TRY(facts.executable, executable_path(pid));
  constexpr std::string_view kDeleted = " (deleted)";
  if (facts.executable.ends_with(kDeleted)) {
    facts.executable.resize(facts.executable.size() - kDeleted.size());
    facts.executable_deleted = true;
  }
  facts.name = facts.executable.substr(facts.executable.rfind('/') + 1);
  facts.uptime_ns = uptime_ns(pid);
  return facts;
}

Result<std::uint64_t> entry_point(pid_t pid) {
  const std::string auxv = read_whole(fmt::format("/proc/{}/auxv", pid));
  for (std::size_t at = 0; at + sizeof(Elf64_auxv_t) <= auxv.size(); at += sizeof(Elf64_auxv_t)) {
    Elf64_auxv_t entry;
    std::memcpy(&entry, auxv.data() + at, sizeof(entry));
    if (entry.a_type == AT_ENTRY) return entry.a_un.a_val;
  }
  return fail(ErrorCode::denied, fmt::format("cannot read /proc/{}/auxv", pid));
}

std::int64_t monotonic_offset_ns(pid_t pid) {
  const auto offset_of = [](const std::string& path) {
    std::istringstream lines(read_whole(path));
    std::string clock;
    std::int64_t seconds = 0;
    std::int64_t ns = 0;
    while (lines >> clock >> seconds >> ns)
      if (clock == "monotonic") return seconds * kSecond + ns;
    return std::int64_t{0};
  };
  return offset_of(fmt::format("/proc/{}/timens_offsets", pid)) -
         offset_of("/proc/self/timens_offsets");
}

}  // namespace chanspect::target
