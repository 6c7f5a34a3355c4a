#include "binary/file_bytes.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

namespace chanspect::binary {
namespace {

// Far above any section of a real executable that we ask for; a sparse file may claim more.
constexpr std::uint64_t kLargestPiece = std::uint64_t{2} << 30;

}  // namespace

std::optional<Bytes> FileBytes::read(std::uint64_t offset, std::uint64_t length) const {
  if (offset > size_ || size_ - offset < length || length > kLargestPiece) return std::nullopt;
  if (!fd_) return slice(memory_, offset, length);
  if (length == 0) return Bytes();

  const std::scoped_lock lock(mutex_);
  if (const auto kept = find_kept(offset, length)) return kept;
  Piece piece = read_piece(offset, length);
  if (piece.length != length) return std::nullopt;
  const Bytes bytes(piece.bytes.get(), length);
  kept_.emplace(offset, std::move(piece));
  return bytes;
}

std::optional<Bytes> FileBytes::find_kept(std::uint64_t offset, std::uint64_t length) const {
  // The nearest few pieces that begin at or before the range: pieces are whole sections, so the
  // first is nearly always the one.
  auto next = kept_.upper_bound(offset);
  for (int tries = 0; tries < 4 && next != kept_.begin(); ++tries) {
    --next;
    const std::uint64_t skip = offset - next->first;
    const Piece& piece = next->second;
    if (skip <= piece.length && piece.length - skip >= length)
      return Bytes(piece.bytes.get() + skip, length);
  }
  return std::nullopt;
}

bool FileBytes::copy(std::uint64_t offset, std::span<std::byte> into) const {
  if (offset > size_ || size_ - offset < into.size()) return false;
  if (fd_) return read_into(offset, into) == into.size();
  std::ranges::copy(memory_.subspan(offset, into.size()), into.begin());
  return true;
}

FileBytes::Piece FileBytes::read_piece(std::uint64_t offset, std::uint64_t length) const {
  Piece piece{std::unique_ptr<std::byte[]>(new (std::nothrow) std::byte[length]), 0};
  if (piece.bytes) piece.length = read_into(offset, {piece.bytes.get(), length});
  return piece;
}

std::uint64_t FileBytes::read_into(std::uint64_t offset, std::span<std::byte> into) const {
  std::uint64_t length = 0;
  while (length < into.size()) {
    const ssize_t got = pread(fd_.get(), into.data() + length, into.size() - length,
                              static_cast<off_t>(offset + length));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;  // an error, or the file has shrunk
    length += static_cast<std::uint64_t>(got);
  }
  return length;
}

}  // namespace chanspect::binary
