#include "cli/common_options.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>
#include <string_view>

namespace chanspect::cli {
namespace {

constexpr unsigned kMostThreads = 64;

bool to_standard_output(const CommonOptions& common) {
  return common.output.empty() || common.output == "-";
}

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  return value != nullptr && *value != '\0';
}

bool dumb_terminal() {
  const char* const terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe)
  return terminal != nullptr && std::string_view(terminal) == "dumb";
}

bool colored(const CommonOptions& common) {
  if (common.color != ColorMode::when_terminal) return common.color == ColorMode::always;
  return to_standard_output(common) && isatty(STDOUT_FILENO) != 0 && !is_set("NO_COLOR") &&
         !dumb_terminal();
}

/// Columns of the terminal that we print on; 0 where lines are not to be cut.
unsigned columns(const CommonOptions& common) {
  winsize size{};
  if (!to_standard_output(common) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

Option limit_option(std::size_t* into) {
  Option option = text("--limit", "N", nullptr,
                       "at most N rows; all for every one (text has a limit of its own choice, "
                       "json and tsv have none)");
  option.take = [into](std::string_view given) -> Result<void> {
    constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
    *into = kAll;
    if (given == "all") return {};
    CS_TRY(*into, parse_number(given, 1, kAll));
    return {};
  };
  return option;
}

Option threads_option(std::uint32_t* into) {
  Option option =
      number("--threads", into,
             "read with N threads (as many as there are cores, at most 4, if not given)");
  option.take = [into](std::string_view given) -> Result<void> {
    CS_TRY(const std::uint64_t count, parse_number(given, 1, kMostThreads));
    *into = static_cast<std::uint32_t>(count);
    return {};
  };
  return option;
}

Option watch_option(std::int64_t* into) {
  Option option =
      duration("--watch", into,
               "look twice, this long apart: who waited through both looks has waited that long, "
               "also where the target's GC has noted no times; and queues show their growth");
  option.take = [take = option.take, into](std::string_view given) -> Result<void> {
    CS_CHECK(take(given));
    if (*into > 0) return {};
    return fail(ErrorCode::usage, "the two looks need some time between them");
  };
  return option;
}

Option verbose_option(int* into) {
  Option option =
      flag("--verbose", nullptr, "tell what was read, how long each phase took and how many bytes");
  option.letter = 'v';
  option.take = [into](std::string_view) -> Result<void> {
    ++*into;
    return {};
  };
  return option;
}

std::vector<Option> printing_options(CommonOptions* common) {
  Option output = text("--output", "FILE", &common->output,
                       "write to FILE, which appears only when it is whole");
  output.letter = 'o';
  Option quiet = flag("--quiet", &common->quiet, "only the rows: no header, notes or next step");
  quiet.letter = 'q';
  return {
      choice<report::Format>("--format",
                             {{"text", report::Format::text},
                              {"json", report::Format::json},
                              {"tsv", report::Format::tsv}},
                             &common->format,
                             "text for people; json by the schema in docs/; tsv with one header "
                             "line and raw values (hexadecimal addresses, seconds, full paths)"),
      std::move(output),
      choice<ColorMode>("--color",
                        {{"auto", ColorMode::when_terminal},
                         {"always", ColorMode::always},
                         {"never", ColorMode::never}},
                        &common->color,
                        "auto colors on a terminal unless the variable NO_COLOR is set"),
      limit_option(&common->limit),
      std::move(quiet),
      verbose_option(&common->verbosity),
  };
}

std::vector<Option> reading_options(CommonOptions* common) {
  return {
      choice<snapshot::StopMode>(
          "--stop", {{"none", snapshot::StopMode::none}, {"freeze", snapshot::StopMode::freeze}},
          &common->stop,
          "none never stops the target: each row is one moment, proven by reading twice; freeze "
          "stops all its threads while bytes are copied: the whole report is one moment"),
      watch_option(&common->watch_ns),
      text("--exe", "FILE", &common->executable,
           "with a core: its executable (else the one that the core names, from where it lay)"),
  };
}

}  // namespace

std::vector<Option> common_options_of(const Command& command, CommonOptions* common) {
  std::vector<Option> options;
  if (command.prints_report) options = printing_options(common);
  if (command.reads_target)
    for (Option& option : reading_options(common)) options.push_back(std::move(option));
  if (command.prints_report) options.push_back(threads_option(&common->threads));
  return options;
}

report::Style style_for_output(const CommonOptions& common) {
  report::Style style;
  style.format = common.format;
  style.color = colored(common);
  style.width = columns(common);
  style.limit = common.limit;
  style.quiet = common.quiet;
  style.verbosity = common.verbosity;
  return style;
}

capture::Options reading_options(capture::Options needs, const CommonOptions& common) {
  needs.stop = common.stop;
  needs.watch_ns = common.watch_ns;
  needs.threads = common.threads;
  return needs;
}

}  // namespace chanspect::cli
