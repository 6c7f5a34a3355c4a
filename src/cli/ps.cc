#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "capture/capture.h"
#include "cli/commands.h"
#include "cli/error_text.h"
#include "cli/go_processes.h"
#include "cli/inspection.h"
#include "cli/progress.h"
#include "report/reports.h"
#include "target/permission.h"
#include "target/process_facts.h"

namespace chanspect::cli {
namespace {

std::string why_not(const Error& error, pid_t pid) {
  switch (error.code) {
    case ErrorCode::denied:
      return std::string(target::in_short(target::denying_rule(target::access_facts(pid, EPERM))));
    case ErrorCode::unknown_release:
      return "unknown release";
    default:
      return error.why.empty() ? error.what : error.why;
  }
}

/// The command alone: the first line of a hint, without the remark behind it.
std::string command_of(const std::string& hint) {
  return hint.substr(0, std::min(hint.find('\n'), hint.find("   (")));
}

report::ProcessRow look_into(const GoProcess& found) {
  const pid_t pid = found.process.pid;
  report::ProcessRow row;
  row.pid = pid;
  row.name = found.process.name();
  row.go_version = found.go_version;
  row.uptime_ns = target::uptime_ns(pid);
  row.access = "yes";
  const auto refuse = [&](const Error& error) {
    row.access = why_not(error, pid);
    if (error.code == ErrorCode::denied) row.hint = command_of(error.hint);
  };
  const auto process = capture::Program::open(pid);
  if (!process) {
    refuse(process.error());
    return row;
  }
  if (const auto count = process->goroutine_count())
    row.goroutines = *count;
  else
    refuse(count.error());
  return row;
}

/// Looks into all of them, several at a time: what takes long is opening large executables.
std::vector<report::ProcessRow> look_into(const std::vector<GoProcess>& found,
                                          const CommonOptions& common) {
  std::vector<report::ProcessRow> rows(found.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> done = 0;
  const auto work = [&](const auto& tell) {
    for (std::size_t i = 0; (i = next++) < found.size();) {
      rows[i] = look_into(found[i]);
      tell(++done);
    }
  };
  constexpr unsigned kMostThreads = 8;
  const unsigned cores = std::min(std::thread::hardware_concurrency(), kMostThreads);
  const std::size_t threads =
      std::min<std::size_t>(common.threads == 0 ? cores : common.threads, found.size());
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&] { work([](std::size_t) {}); });
  Progress progress(!common.quiet);
  const auto show = progress.callback();
  work([&](std::size_t count) {
    if (show) show("looking into Go processes", count, found.size());
  });
  return rows;
}

/// Root sees all that can be seen; others are told what they miss.
void tell_of_hidden(std::size_t hidden, const CommonOptions& common) {
  if (hidden == 0 || common.quiet || geteuid() == 0) return;
  const Error note{
      ErrorCode::denied,
      fmt::format("the kernel does not show us the executables of {} more processes", hidden),
      "some may be Go programs of other users",
      target::as_root(target::access_facts(getpid(), EPERM))};
  fmt::print(stderr, "{}", error_text(note));
}

Result<ExitCode> run(const CommonOptions& common) {
  std::size_t hidden = 0;
  const auto gather = [&] -> Result<Print> {
    const auto found = go_processes_among(target::list_processes(), &hidden);
    return [rows = look_into(found, common)](const report::Style& style, report::Output& out) {
      return report::print_processes(rows, style, out);
    };
  };
  CS_CHECK(print_where_wanted(common, gather));
  tell_of_hidden(hidden, common);
  return ExitCode::ok;
}

}  // namespace

Command ps_command() {
  return {
      .name = "ps",
      .brief = "the Go processes of this machine, and whether they can be read",
      .description =
          "Lists the Go processes of this machine: pid, name, the Go release that built them, age, "
          "number of goroutines, and whether we may read them or why not.",
      .positionals = {},
      .options = {},
      .examples = {{"chanspect ps", "which Go programs run here"},
                   {"sudo chanspect ps", "other users' processes too"},
                   {"chanspect ps --format json", ""}},
      .reads_target = false,
      .run = run,
  };
}

}  // namespace chanspect::cli
