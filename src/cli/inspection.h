#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "capture/capture.h"
#include "cli/common_options.h"
#include "cli/exit_code.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace chanspect::cli {

using PrintSnapshot =
    std::function<Result<void>(const snapshot::Snapshot&, const report::Style&, report::Output&)>;

/// The straight path of every command that looks into one process: find it, open it, read what the
/// report `needs`, print. Where anything fails, nothing is printed.
Result<ExitCode> inspect(const std::string& target, const capture::Options& needs,
                         const CommonOptions& common, const PrintSnapshot& print);

/// Prints to where --output says. The place is opened first, so that a bad path is told before
/// `gather`, which may take long, has begun; what `gather` gives back prints.
using Print = std::function<Result<void>(const report::Style&, report::Output&)>;
Result<void> print_where_wanted(const CommonOptions& common,
                                const std::function<Result<Print>()>& gather);

/// Prints text that needs no target.
Result<ExitCode> print_text(const std::string& text, const CommonOptions& common);

}  // namespace chanspect::cli
