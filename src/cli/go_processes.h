#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "target/process_list.h"

namespace chanspect::cli {

/// A running Go program, known by its executable; of the process itself nothing is read.
struct GoProcess {
  target::ListedProcess process;
  std::string go_version;
  bool shown = true;  ///< false: the kernel hides its executable, and argv[0] led to the file
};

/// Knows Go executables. Each file is opened once, however many processes run it.
class GoExecutables {
 public:
  /// The release that built the program of a process; nothing where it is no Go program.
  std::optional<std::string> version_of(const target::ListedProcess& process);

 private:
  std::map<target::FileIdentity, std::optional<std::string>> by_file_;
  std::map<std::string, std::optional<std::string>> by_path_;  ///< of hidden executables
};

/// Those of `processes` that are Go programs. `hidden`, if given, counts those of which nothing
/// can be told.
std::vector<GoProcess> go_processes_among(std::vector<target::ListedProcess> processes,
                                          std::size_t* hidden = nullptr);

}  // namespace chanspect::cli
