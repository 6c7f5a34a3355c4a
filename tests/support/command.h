#pragma once

#include <cstdio>
#include <stdexcept>
#include <string>

namespace chanspect::testing {

/// What a shell command prints to its standard output; throws when it fails.
inline std::string output_of(const std::string& command) {
  // Tests run commands of their own making only.
  FILE* pipe = popen(command.c_str(), "r");  // NOLINT(bugprone-command-processor)
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text.push_back(static_cast<char>(c));
  if (pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
  return text;
}

}  // namespace chanspect::testing
