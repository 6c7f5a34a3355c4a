#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace chanspect {

/// An address in the target's address space.
using Address = std::uint64_t;

namespace target {

/// `size` bytes of the target from `address` on.
struct Range {
  Address address = 0;
  std::uint64_t size = 0;

  Address end() const { return address + size; }
  bool contains(Address a) const { return a >= address && a - address < size; }
};

/// The bytes of a Go program, wherever they are: a live process, a core, a forked copy.
///
/// Reading is const and may be done from several threads at once. Each read can fail: `unreadable`
/// for an address, `gone` or `denied` for the whole target.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  virtual ~Memory() = default;

  /// Fills `into` whole from `from` on, or fails.
  virtual Result<void> read(Address from, std::span<std::byte> into) const = 0;

  /// Reads many ranges with few system calls: the ranges' bytes lie one after the other in `into`,
  /// whose size is at least their sum. The indices of ranges that could not be read whole are
  /// appended to `failed` (their bytes in `into` are zeroed). An error means the target as a whole.
  virtual Result<void> read_ranges(std::span<const Range> ranges, std::span<std::byte> into,
                                   std::vector<std::uint32_t>& failed) const = 0;

  /// Bytes copied out of the target so far, over all threads.
  virtual std::uint64_t bytes_read() const = 0;
};

/// Reads one plain value: `CS_TRY(auto len, read_value<std::uint64_t>(memory, address));`
template <class T>
Result<T> read_value(const Memory& memory, Address from) {
  T value;
  CS_CHECK(memory.read(from, std::as_writable_bytes(std::span(&value, 1))));
  return value;
}

}  // namespace target
}  // namespace chanspect
