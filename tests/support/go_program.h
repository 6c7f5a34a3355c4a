#pragma once

#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

/// Real Go programs for the unit tests: built on demand by tests/support/build_program.
namespace chanspect::testing {

/// The releases that unit tests run over.
inline const std::vector<std::string>& go_releases() {
  static const std::vector<std::string> releases = {"1.19",    "1.21.13", "1.22.12", "1.23.12",
                                                    "1.24.13", "1.25.8",  "1.26.8",  "1.27.4"};
  return releases;
}

/// Path of tests/programs/`name` built with `release` ("1.26.8") for a processor as GOARCH
/// names it; throws when the build fails.
inline std::string go_program(const std::string& name, const std::string& release,
                              const std::string& flags = {}, const std::string& goarch = "amd64") {
  const std::string environment = goarch == "amd64" ? "" : "GOARCH=" + goarch + " CGO_ENABLED=0 ";
  const std::string command = environment + SOURCE_DIR + "/tests/support/build_program " + name +
                              " " + release + " " + flags;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string path;
  for (int c; (c = std::fgetc(pipe)) != EOF;)
    if (c != '\n') path.push_back(static_cast<char>(c));
  if (pclose(pipe) != 0 || path.empty()) throw std::runtime_error("failed: " + command);
  return path;
}

/// A running Go program with its standard output; killed and reaped when it goes out of scope.
class GoProcess {
 public:
  explicit GoProcess(const std::vector<std::string>& arguments) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(ends[1], 1);
      close(ends[0]);
      close(ends[1]);
      std::vector<char*> words;
      for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
      words.push_back(nullptr);
      execv(words[0], words.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  GoProcess(const GoProcess&) = delete;
  GoProcess& operator=(const GoProcess&) = delete;
  ~GoProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    std::fclose(output_);
  }

  pid_t pid() const { return pid_; }

  /// Ends it by a signal, and waits until it has ended.
  void end_by(int signal) const {
    siginfo_t ended;
    if (kill(pid_, signal) != 0 ||
        waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) != 0)
      throw std::runtime_error("cannot end the program");
  }

  /// The next line of the program's standard output without its end; empty at end of file.
  std::string line() {
    std::string text;
    if (std::feof(output_) != 0 || std::ferror(output_) != 0) return text;
    for (int c; (c = std::fgetc(output_)) != EOF && c != '\n';)
      text.push_back(static_cast<char>(c));
    return text;
  }

 private:
  pid_t pid_ = -1;
  FILE* output_ = nullptr;
};

}  // namespace chanspect::testing
