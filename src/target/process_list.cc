#include "target/process_list.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "target/proc_file.h"

namespace chanspect::target {
namespace {

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::optional<FileIdentity> identity(const std::string& path) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0) return std::nullopt;
  constexpr std::int64_t kSecond = 1'000'000'000;
  return FileIdentity{facts.st_dev, facts.st_ino, static_cast<std::uint64_t>(facts.st_size),
                      facts.st_mtim.tv_sec * kSecond + facts.st_mtim.tv_nsec};
}

/// Nothing for kernel threads and zombies, which have no executable: that is not there, while what
/// is merely kept from us is denied.
std::optional<ListedProcess> look_at(pid_t pid) {
  ListedProcess process;
  process.pid = pid;
  process.executable = read_link(fmt::format("/proc/{}/exe", pid));
  if (process.executable.empty() && errno == ENOENT) return std::nullopt;
  const std::string words = read_whole(fmt::format("/proc/{}/cmdline", pid));
  process.argument0 = words.substr(0, words.find('\0'));
  if (process.executable.empty() && process.argument0.empty()) return std::nullopt;
  if (!process.executable.empty()) process.file = identity(fmt::format("/proc/{}/exe", pid));
  constexpr std::string_view kDeleted = " (deleted)";
  if (process.executable.ends_with(kDeleted))
    process.executable.resize(process.executable.size() - kDeleted.size());
  return process;
}

}  // namespace

std::string ListedProcess::name() const {
  return base_name(executable.empty() ? argument0 : executable);
}

std::vector<ListedProcess> list_processes() {
  std::vector<ListedProcess> processes;
  std::vector<pid_t> pids = numbered_entries("/proc");
  std::ranges::sort(pids);
  for (const pid_t pid : pids)
    if (auto process = look_at(pid)) processes.push_back(std::move(*process));
  return processes;
}

}  // namespace chanspect::target
