#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "snapshot/snapshot.h"

namespace chanspect::cli {

/// What the program ends with. These numbers are a promise to scripts: docs/exit-codes.md.
enum class ExitCode : std::uint8_t {
  ok = 0,
  failed = 1,  ///< something of ours failed, such as writing the output; later also: findings
  usage = 2,
  cannot_read = 3,  ///< the target: denied, gone, not there, not Go, of an unknown release
  incomplete = 4,   ///< the answer is printed, and memory of the target was missing
};

ExitCode exit_code(ErrorCode code);

/// `incomplete` where memory could not be read. Goroutines that moved at each look are no fault:
/// what moves is not stuck.
ExitCode exit_code(const snapshot::Completeness& completeness);

struct ExitCodeMeaning {
  ExitCode code = ExitCode::ok;
  std::string_view meaning;
};

/// For --help, the man page and the test of the documentation.
std::span<const ExitCodeMeaning> exit_code_meanings();

}  // namespace chanspect::cli
