#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace chanspect::cli {

/// A file that appears under its name only when it is whole: written without a name, or under a
/// name of its own beside it, and then renamed. Whatever happens before, SIGINT included, an older
/// file of that name stays as it was and nothing is left over.
class OutputFile {
 public:
  /// "/dev/null", pipes and the like are written as they are. Errors: io.
  static Result<OutputFile> create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// A descriptor of its own to write to.
  UniqueFd descriptor() const;

  /// Gives the file its name. Errors: io.
  Result<void> commit();

 private:
  OutputFile() = default;
  Result<void> open_temporary(unsigned mode);

  std::string path_;       ///< links followed
  std::string temporary_;  ///< empty while the file has no name, and once it has the final one
  UniqueFd fd_;
  bool in_place_ = false;
};

}  // namespace chanspect::cli
