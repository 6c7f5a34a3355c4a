#include "cli/inspection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

#include "base/shell_word.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/target_argument.h"
#include "target/permission.h"

namespace chanspect::cli {
namespace {

Result<capture::Program> open_target(const std::string& word, const CommonOptions& common) {
  CS_TRY(const Target target, find_target(word));
  if (target.core.empty()) {
    if (!common.executable.empty())
      return fail(ErrorCode::usage, "--exe is for core files",
                  "a process tells its executable itself");
    return capture::Program::open(target.pid);
  }
  if (common.watch_ns > 0)
    return fail(ErrorCode::usage, "--watch needs a running process", "a core does not change");
  return capture::Program::open_core(target.core, common.executable);
}

/// Where opening fails for a reason that the target has, doctor tells more of it.
Error with_doctor(Error error, const std::string& word) {
  switch (error.code) {
    case ErrorCode::denied:
    case ErrorCode::not_go:
    case ErrorCode::unknown_release:
    case ErrorCode::bad_data:
    case ErrorCode::unsupported:
      break;
    default:
      return error;
  }
  if (!error.hint.empty()) error.hint += '\n';
  error.hint += fmt::format("chanspect doctor {}   (tells what works here, and what does not)",
                            shell_word(word));
  return error;
}

/// One or two looks at the target, with progress on the terminal.
Result<std::shared_ptr<snapshot::Snapshot>> take_snapshot(const std::string& target,
                                                          const capture::Options& needs,
                                                          const CommonOptions& common) {
  const auto program = open_target(target, common);
  if (!program) return std::unexpected(with_doctor(program.error(), target));
  Progress progress(!common.quiet);
  capture::Options options = reading_options(needs, common);
  options.progress = progress.callback("reading ");
  CS_TRY(snapshot::Snapshot snapshot, program->capture(options));
  return std::make_shared<snapshot::Snapshot>(std::move(snapshot));
}

}  // namespace

Result<void> print_where_wanted(const CommonOptions& common,
                                const std::function<Result<Print>()>& gather) {
  const bool to_file = !common.output.empty() && common.output != "-";
  std::optional<OutputFile> file;
  if (to_file) {
    CS_TRY(OutputFile created, OutputFile::create(common.output));
    file.emplace(std::move(created));
  }
  CS_TRY(const Print print, gather());
  report::Output out(file ? file->descriptor()
                          : UniqueFd(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)));
  CS_CHECK(print(style_for_output(common), out));
  CS_CHECK(out.finish());
  return file ? file->commit() : Result<void>();
}

Result<ExitCode> print_text(const std::string& text, const CommonOptions& common) {
  CS_CHECK(print_where_wanted(common, [&] -> Result<Print> {
    return [&](const report::Style&, report::Output& out) -> Result<void> {
      out.write(text);
      return {};
    };
  }));
  return ExitCode::ok;
}

Result<ExitCode> inspect(const std::string& target, const capture::Options& needs,
                         const CommonOptions& common, const PrintSnapshot& print) {
  ExitCode code = ExitCode::ok;
  const auto gather = [&] -> Result<Print> {
    CS_TRY(const auto snapshot, take_snapshot(target, needs, common));
    code = exit_code(snapshot->completeness);
    return [snapshot, &print](const report::Style& style, report::Output& out) {
      return print(*snapshot, style, out);
    };
  };
  CS_CHECK(print_where_wanted(common, gather));
  return code;
}

}  // namespace chanspect::cli
