#pragma once

#include <fcntl.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX's
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "support/command.h"

/// Cores of real programs for the unit tests: the kernel's, and gcore's.
namespace chanspect::testing {

/// Why the kernel cannot be made to write a core into our folder; empty where it can.
inline std::string no_kernel_core() {
  std::ifstream file("/proc/sys/kernel/core_pattern");
  std::string pattern;
  std::getline(file, pattern);
  if (pattern.empty() || pattern[0] == '|' || pattern[0] == '/')
    return "kernel.core_pattern sends cores elsewhere: '" + pattern + "'";
  rlimit limit{};
  getrlimit(RLIMIT_CORE, &limit);
  if (limit.rlim_max != RLIM_INFINITY) return "the hard limit of a core's size (ulimit -Hc)";
  return {};
}

/// A temporary folder that is the current one while this lives: programs that are started in it
/// dump their cores there, also Go's.
class CoreFolder {
 public:
  CoreFolder() : before_(std::filesystem::current_path()) {
    std::string name = "/var/tmp/chanspect-core-test-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
    std::filesystem::current_path(path_);
    setenv("GOTRACEBACK", "crash", 1);
    const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CORE, &all);
    replace(STDERR_FILENO, open("stderr", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    replace(STDIN_FILENO, ends[0]);
    input_ = ends[1];
  }
  CoreFolder(const CoreFolder&) = delete;
  CoreFolder& operator=(const CoreFolder&) = delete;
  ~CoreFolder() {
    if (stderr_before_ >= 0) replace(STDERR_FILENO, stderr_before_);
    if (stdin_before_ >= 0) replace(STDIN_FILENO, stdin_before_);
    close(input_);
    std::error_code ignored;
    std::filesystem::current_path(before_, ignored);
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  /// Kills a child of ours that was started in this folder; gives the path of its core.
  std::string kernel_core(pid_t pid, int signal = SIGABRT) const {
    kill(pid, signal);
    siginfo_t ended{};
    waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT);
    if (ended.si_code != CLD_DUMPED) throw std::runtime_error("it ended without a core");
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      if (entry.path().filename().string().starts_with("core")) return entry.path();
    throw std::runtime_error("no core in " + path_.string());
  }

  std::string gcore(pid_t pid) const {
    const std::string prefix = (path_ / "gcore").string();
    output_of("gcore -o " + prefix + " " + std::to_string(pid) + " 2>&1");
    return prefix + "." + std::to_string(pid);
  }

 private:
  static void replace(int standard, int by) {
    if (by < 0) throw std::runtime_error("cannot redirect");
    dup2(by, standard);
    close(by);
  }

  std::filesystem::path before_, path_;
  int input_ = -1;
  int stdin_before_ = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  int stderr_before_ = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
};

}  // namespace chanspect::testing
