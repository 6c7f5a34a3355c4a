#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

namespace chanspect::target {

/// Fills `into` from `offset` of a file on. Fewer bytes than that: the file ends there, or does not
/// let itself be read further.
inline std::size_t read_at(int file, std::uint64_t offset, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        pread(file, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

/// One plain value; nothing where the file does not hold it whole.
template <class T>
  requires std::is_trivially_copyable_v<T>
std::optional<T> load_at(int file, std::uint64_t offset) {
  T value;
  const auto bytes = std::as_writable_bytes(std::span(&value, 1));
  if (read_at(file, offset, bytes) != bytes.size()) return std::nullopt;
  return value;
}

}  // namespace chanspect::target
