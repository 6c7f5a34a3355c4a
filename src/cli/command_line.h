#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "cli/common_options.h"

namespace chanspect::cli {

using Words = std::vector<std::string>;

/// The user's words, told apart: which command, and what is left for it.
struct Arranged {
  enum class Ask : std::uint8_t { run, help, version, nothing };
  Ask ask = Ask::nothing;            ///< nothing: no words at all
  const Command* command = nullptr;  ///< null: of chanspect as a whole
  Words rest;
  std::string taken_for_target;  ///< the word that is no command's name and so means the overview
};

/// The grammar: the first word that is no option names the command; one that is no command's name
/// is the TARGET of the overview. Options may stand before or behind it. What stands behind "--" is
/// never an option and never a command. The overview is the first of `commands`.
Arranged arrange(const Words& words, const std::vector<Command>& commands);

/// Reads the words of one command into it and into `common`. Errors: usage.
Result<void> parse(const Command& command, const Words& words, CommonOptions* common);

}  // namespace chanspect::cli
