#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace chanspect {

using Bytes = std::span<const std::byte>;

/// A little-endian value of T at `offset` of untrusted bytes, or nothing when it does not fit
/// whole.
template <class T>
  requires std::is_trivially_copyable_v<T>
std::optional<T> load(Bytes bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

/// `length` bytes at `offset`, or nothing when they do not lie inside whole.
inline std::optional<Bytes> slice(Bytes bytes, std::uint64_t offset, std::uint64_t length) {
  if (offset > bytes.size() || bytes.size() - offset < length) return std::nullopt;
  return bytes.subspan(offset, length);
}

/// The NUL-ended text at `offset`, at most `limit` bytes long; nothing when no NUL is found there.
inline std::optional<std::string_view> c_string(Bytes bytes, std::uint64_t offset,
                                                std::size_t limit = 1 << 16) {
  if (offset >= bytes.size()) return std::nullopt;
  const char* begin = reinterpret_cast<const char*>(bytes.data() + offset);
  const std::size_t most = std::min<std::size_t>(bytes.size() - offset, limit);
  const void* end = std::memchr(begin, 0, most);
  if (end == nullptr) return std::nullopt;
  return std::string_view(begin, static_cast<const char*>(end));
}

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace chanspect
