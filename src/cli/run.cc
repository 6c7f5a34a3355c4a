#include "cli/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>

#include "cli/build_id.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/error_text.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/inspection.h"
#include "cli/nearest_word.h"

namespace chanspect::cli {
namespace {

/// A standard descriptor that we were started without must not become some file of ours.
void fill_standard_descriptors() {
  int fd = 0;
  do fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) close(fd);
}

std::size_t help_width() {
  constexpr std::size_t kLeast = 60;
  constexpr std::size_t kMost = 100;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kMost;
  return std::clamp<std::size_t>(size.ws_col, kLeast, kMost);
}

ExitCode refuse(const Error& error) {
  fmt::print(stderr, "{}", error_text(error));
  return exit_code(error.code);
}

ExitCode print(const std::string& text) {
  const auto printed = print_text(text, CommonOptions{});
  return printed ? *printed : refuse(printed.error());
}

/// What was taken for the overview's TARGET can be a slip for a command: "chanels 4242".
Error with_likely_command(Error error, const std::string& word,
                          const std::vector<Command>& commands) {
  if (error.code != ErrorCode::usage && error.code != ErrorCode::no_such_process) return error;
  std::vector<std::string> names;
  for (const Command& command : commands)
    if (!command.hidden) names.push_back(command.name);
  const std::string near = nearest_word(word, names);
  if (near.empty()) return error;
  return {ErrorCode::usage, fmt::format("'{}' is neither a command nor a Go program", word),
          fmt::format("did you mean {}?", near), fmt::format("chanspect {} --help", near)};
}

Result<ExitCode> run_command(const Command& command, const Words& words) {
  CommonOptions common;
  CS_CHECK(parse(command, words, &common));
  return command.run(common);
}

ExitCode answer(const Words& words) {
  const std::vector<Command> commands = all_commands();
  const Arranged arranged = arrange(words, commands);
  switch (arranged.ask) {
    case Arranged::Ask::version:
      return print(version_line());
    case Arranged::Ask::help:
      return print(arranged.command == nullptr ? help_of_all(commands, help_width())
                                               : help_of(*arranged.command, help_width()));
    case Arranged::Ask::run: {
      const auto code = run_command(*arranged.command, arranged.rest);
      return code ? *code
                  : refuse(with_likely_command(code.error(), arranged.taken_for_target, commands));
    }
    case Arranged::Ask::nothing:
      break;
  }
  fmt::print(stderr, "{}", short_help(commands));
  return ExitCode::usage;
}

}  // namespace

int run(const Words& words) {
  fill_standard_descriptors();
  // A reader that has seen enough (| head) is no error: writing tells, quietly.
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  return static_cast<int>(answer(words));
}

}  // namespace chanspect::cli
