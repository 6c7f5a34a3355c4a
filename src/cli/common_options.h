#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/capture.h"
#include "cli/command.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace chanspect::cli {

enum class ColorMode : std::uint8_t { when_terminal, always, never };

/// What every command takes.
struct CommonOptions {
  report::Format format = report::Format::text;
  std::string output;  ///< path; empty or "-": standard output
  ColorMode color = ColorMode::when_terminal;
  std::size_t limit = 0;  ///< 0: the report's own choice
  bool quiet = false;
  int verbosity = 0;
  snapshot::StopMode stop = snapshot::StopMode::none;
  std::int64_t watch_ns = 0;
  std::uint32_t threads = 0;  ///< 0: as many as cores, at most 4
  std::string executable;     ///< of a core; empty: the one that the core names
};

/// The options that set `common`, as far as `command` takes them.
std::vector<Option> common_options_of(const Command& command, CommonOptions* common);

/// How to print on standard output, or into a file where --output names one.
report::Style style_for_output(const CommonOptions& common);

/// What the user chose of how to read; `needs` says what the report is made of.
capture::Options reading_options(capture::Options needs, const CommonOptions& common);

}  // namespace chanspect::cli
