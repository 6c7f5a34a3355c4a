#include "cli/target_argument.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "cli/nearest_word.h"
#include "cli/target_file.h"
#include "target/permission.h"

namespace chanspect::cli {
namespace {

constexpr const char* kListing = "chanspect ps   (lists the Go processes of this machine)";

bool is_number(const std::string& word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
}

Result<pid_t> parse_pid(const std::string& word) {
  pid_t pid = 0;
  const char* const end = word.data() + word.size();
  const auto [parsed, error] = std::from_chars(word.data(), end, pid);
  if (error != std::errc{} || parsed != end || pid <= 0)
    return fail(ErrorCode::no_such_process, fmt::format("no process {}", word),
                "no pid is that large or that small", kListing);
  if (access(fmt::format("/proc/{}", pid).c_str(), F_OK) == 0) {
    const auto facts = target::access_facts(pid, 0);
    if (target::denying_rule(facts) != target::DenyingRule::thread) return pid;
    return std::unexpected(target::explain(facts));
  }
  return pid;  // whether it is hidden or not there at all is told where it is opened
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// The whole path where the user gave one with a slash in it; empty otherwise.
std::string as_path(const std::string& word) {
  if (word.find('/') == std::string::npos) return {};
  std::error_code error;
  const auto path = std::filesystem::weakly_canonical(word, error);
  return error ? word : path.string();
}

std::string listing(const std::vector<GoProcess>& processes) {
  constexpr std::size_t kMost = 20;
  std::string text;
  for (std::size_t i = 0; i < processes.size() && i < kMost; ++i)
    text += fmt::format("\n  {:>8}  {}  {}", processes[i].process.pid,
                        processes[i].process.executable.empty() ? processes[i].process.argument0
                                                                : processes[i].process.executable,
                        processes[i].go_version);
  if (processes.size() > kMost) text += fmt::format("\n  and {} more", processes.size() - kMost);
  return text;
}

Error nothing_of_that_name(const std::string& word, std::vector<target::ListedProcess> all) {
  std::vector<std::string> names;
  for (const GoProcess& process : go_processes_among(std::move(all)))
    names.push_back(process.process.name());
  const std::string near = nearest_word(word, names);
  return {ErrorCode::no_such_process, fmt::format("no Go process is named {}", word),
          near.empty() ? "" : fmt::format("did you mean {}?", near), kListing};
}

}  // namespace

Positional target_positional(std::string* into) {
  Positional positional;
  positional.name = "TARGET";
  positional.help =
      "a pid, the name of a running Go program (chanspect ps lists them), or a core file";
  positional.take = [into](std::string_view given) -> Result<void> {
    *into = given;
    return {};
  };
  return positional;
}

Result<pid_t> choose_by_name(const std::string& word,
                             std::vector<target::ListedProcess> processes) {
  const std::string path = as_path(word);
  std::vector<target::ListedProcess> fitting;
  for (const target::ListedProcess& process : processes)
    if (path.empty() ? process.name() == word || base_name(process.argument0) == word
                     : process.executable == path)
      fitting.push_back(process);
  if (fitting.empty()) return std::unexpected(nothing_of_that_name(word, std::move(processes)));

  const target::ListedProcess first = fitting.front();
  const std::vector<GoProcess> found = go_processes_among(std::move(fitting));
  if (found.size() == 1) return found.front().process.pid;
  if (found.empty())
    return first.file ? fail(ErrorCode::not_go, fmt::format("{} is no Go program", word),
                             fmt::format("process {} runs {}", first.pid, first.executable),
                             kListing)
                      : Result<pid_t>(first.pid);  // hidden: opening it tells why
  return fail(ErrorCode::usage, fmt::format("{} processes are named {}", found.size(), word),
              "say which one:" + listing(found),
              fmt::format("chanspect {}", found.front().process.pid));
}

Result<pid_t> find_process(const std::string& word) {
  if (is_number(word)) return parse_pid(word);
  if (word.empty()) return fail(ErrorCode::usage, "TARGET is empty", {}, kListing);
  return choose_by_name(word, target::list_processes());
}

Result<Target> find_target(const std::string& word) {
  const bool has_slash = word.find('/') != std::string::npos;
  if (!is_number(word)) {
    const TargetFile file = kind_of_target_file(word);
    // A file that is no core means nothing, but it was meant: opening it tells what it is.
    if (file == TargetFile::core || (file == TargetFile::other && has_slash))
      return Target{.pid = 0, .core = word};
  }
  CS_TRY(const pid_t pid, find_process(word));
  return Target{.pid = pid, .core = {}};
}

}  // namespace chanspect::cli
