#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"

namespace chanspect::binary {

/// The bytes of a file, read piece by piece and kept: each piece that was asked for stays valid and
/// unchanged as long as this lives.
///
/// Read with pread, never mapped: a mapped file that somebody cuts short kills its reader with
/// SIGBUS, while a read merely comes back short. It also means that nobody can change bytes between
/// our check of them and our use. The price is one copy of what is really wanted, some 15 MB for
/// the symbols of a 100 MB binary.
///
/// Safe to use from several threads.
class FileBytes {
 public:
  FileBytes(UniqueFd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}
  /// An image in memory, which must outlive this.
  explicit FileBytes(Bytes bytes) : memory_(bytes), size_(bytes.size()) {}

  /// `length` bytes at `offset`; nothing when the file does not hold them all, or no longer does.
  std::optional<Bytes> read(std::uint64_t offset, std::uint64_t length) const;

  /// Fills `into` from `offset` on and keeps nothing: for passing over a large part once. False
  /// when the file does not hold it all.
  bool copy(std::uint64_t offset, std::span<std::byte> into) const;

  /// The file's size in bytes when it was opened.
  std::uint64_t size() const { return size_; }
  /// -1 for an image in memory.
  int fd() const { return fd_.get(); }
  /// The whole image in memory; empty for a file.
  Bytes memory() const { return memory_; }

 private:
  struct Piece {
    std::unique_ptr<std::byte[]> bytes;
    std::uint64_t length = 0;
  };
  /// A kept piece that holds all of the range.
  std::optional<Bytes> find_kept(std::uint64_t offset, std::uint64_t length) const;
  Piece read_piece(std::uint64_t offset, std::uint64_t length) const;
  /// The number of bytes read.
  std::uint64_t read_into(std::uint64_t offset, std::span<std::byte> into) const;

  UniqueFd fd_;
  Bytes memory_;
  std::uint64_t size_ = 0;
  mutable std::mutex mutex_;
  mutable std::multimap<std::uint64_t, Piece> kept_;  // by offset
};

}  // namespace chanspect::binary
