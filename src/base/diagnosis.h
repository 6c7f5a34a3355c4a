#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

/// What a doctor finds, as plain data: made where the facts are known, printed elsewhere.
namespace chanspect {

enum class CheckState : std::uint8_t {
  ok,
  warn,  ///< works, or works partly, with something to know
  no,
};

/// One thing that was looked at.
struct Check {
  std::string name;  ///< one or two words: "layouts"
  CheckState state = CheckState::ok;
  std::string found;  ///< on one line
  std::string cure;   ///< what to do about it, one alternative a line, the best first; may be empty
};

struct Diagnosis {
  std::string subject;  ///< "process 4242", "core /var/crash/core.1", "this machine"
  std::string target;   ///< as a shell takes it for a command's TARGET; empty for a machine
  std::vector<Check> checks;
  std::vector<Check> works;    ///< what chanspect can do with it: ok is yes, warn is partly
  std::optional<Error> error;  ///< why it cannot be read at all
  bool incomplete = false;     ///< it can be read, but some of its memory is not there
  std::string next;            ///< the command to go on with
  std::string purpose;         ///< what that is good for

  Check& add(std::string name, CheckState state, std::string found, std::string cure = {}) {
    return checks.emplace_back(std::move(name), state, std::move(found), std::move(cure));
  }
};

}  // namespace chanspect
