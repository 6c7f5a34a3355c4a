#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace chanspect::target {

/// A temporary file without a name, written from front to back, in which blocks of zeros take no
/// room. It goes when its last descriptor is closed, however the program ends.
class SparseFile {
 public:
  /// In $TMPDIR, or /var/tmp where that is not set, which unlike /tmp is a disk. Errors: io.
  static Result<SparseFile> create();

  /// Errors: io where there is no room: some of the disk is left free for others.
  Result<void> append(Bytes bytes);

  std::uint64_t size() const { return size_; }
  const std::string& folder() const { return folder_; }

  /// Ends the writing and gives the file away.
  Result<UniqueFd> finish() &&;

 private:
  SparseFile(UniqueFd file, std::string folder)
      : file_(std::move(file)), folder_(std::move(folder)) {}
  Result<void> write(Bytes bytes);
  Result<void> check_room();
  std::unexpected<Error> failed(int error) const;

  UniqueFd file_;
  std::string folder_;
  std::uint64_t size_ = 0;
  std::uint64_t unchecked_ = 0;  ///< bytes written since the last look at the room that is left
};

}  // namespace chanspect::target
