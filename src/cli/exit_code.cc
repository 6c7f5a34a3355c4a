#include "cli/exit_code.h"

#include <array>

namespace chanspect::cli {

ExitCode exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return ExitCode::usage;
    case ErrorCode::io:
      return ExitCode::failed;
    case ErrorCode::no_such_process:
    case ErrorCode::gone:
    case ErrorCode::denied:
    case ErrorCode::not_go:
    case ErrorCode::unknown_release:
    case ErrorCode::unreadable:
    case ErrorCode::bad_data:
    case ErrorCode::unsupported:
      break;
  }
  return ExitCode::cannot_read;
}

ExitCode exit_code(const snapshot::Completeness& completeness) {
  return completeness.unreadable > 0 ? ExitCode::incomplete : ExitCode::ok;
}

std::span<const ExitCodeMeaning> exit_code_meanings() {
  static constexpr std::array<ExitCodeMeaning, 5> kMeanings{{
      {ExitCode::ok, "all well, also where a reader like head closed its pipe early"},
      {ExitCode::failed, "something of chanspect's own failed, such as writing the output"},
      {ExitCode::usage,
       "usage: a word or option is off, or there is no such channel, goroutine or N"},
      {ExitCode::cannot_read,
       "the target cannot be read: denied, gone, no such process, not Go, or of an unknown "
       "release"},
      {ExitCode::incomplete,
       "the answer is printed but incomplete: some of the target's memory could not be read"},
  }};
  return kMeanings;
}

}  // namespace chanspect::cli
