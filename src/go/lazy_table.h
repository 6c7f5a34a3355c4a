#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "target/memory.h"

namespace chanspect::go {

/// A table of the target that never changes, copied as it is looked at: address space for all of
/// it, memory only for the chunks that somebody asked for. Views stay good as long as the table
/// does. Safe for several threads.
class LazyTable {
 public:
  /// `memory` must outlive the table. An empty range gives a table without bytes.
  static Result<std::unique_ptr<LazyTable>> make(const target::Memory& memory, target::Range range);

  LazyTable(const LazyTable&) = delete;
  LazyTable& operator=(const LazyTable&) = delete;
  ~LazyTable();

  /// Up to `length` bytes from `offset` on: fewer at the end of the table or before a page that
  /// cannot be read.
  Bytes view(std::uint64_t offset, std::uint64_t length) const;

  /// The NUL-ended text at `offset`; empty when there is none.
  std::string_view text(std::uint64_t offset) const;

  std::uint64_t size() const { return range_.size - skip_; }

 private:
  static constexpr std::uint64_t kPage = 4096;
  static constexpr std::uint64_t kChunk = 64U << 10;  // a multiple of kPage

  enum State : std::uint8_t { unknown, present, unreadable };

  LazyTable(const target::Memory& memory, target::Range range, std::uint64_t skip,
            std::byte* bytes);
  State page_state(std::uint64_t page) const;
  void fill(std::uint64_t chunk) const;

  const target::Memory* memory_;
  target::Range range_;  ///< the table, from the start of its first page on
  std::uint64_t skip_;   ///< bytes of that page before the table
  std::byte* bytes_;     ///< of a private mapping, as large as range_
  mutable std::unique_ptr<std::atomic<State>[]> states_;
  mutable std::mutex filling_;
};

}  // namespace chanspect::go
