#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chanspect::target {

/// Which file an executable is: equal for all processes that run it, other once it is replaced.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0;

  friend auto operator<=>(const FileIdentity&, const FileIdentity&) = default;
};

/// A process as /proc lists it, before anything of it is opened.
struct ListedProcess {
  pid_t pid = 0;
  std::string executable;  ///< "/usr/bin/payments"; empty where the kernel does not show it to us
  std::string argument0;   ///< its own first word, which it can set at will
  std::optional<FileIdentity> file;  ///< of the executable, also of a deleted one

  /// Base name of the executable, or of the first word where that is not shown.
  std::string name() const;
};

/// The processes of this machine in the order of their pids, kernel threads and zombies left out.
/// What ends meanwhile is left out too; empty where there is no /proc.
std::vector<ListedProcess> list_processes();

}  // namespace chanspect::target
