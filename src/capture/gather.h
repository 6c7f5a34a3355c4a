#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "target/memory.h"

namespace chanspect::capture {

/// Many small pieces of the target, read with few system calls.
///
/// A system call per piece costs more than the copying, and so does an iovec per piece: pieces
/// that lie no more than a page apart are read as one run, gaps and all. Buffers are kept from use
/// to use, so a block's worth of pieces stays in the processor's cache.
class Gather {
 public:
  using Piece = std::uint32_t;
  static constexpr Piece kNoPiece = 0xffffffff;

  explicit Gather(const target::Memory& memory) : memory_(&memory) {}

  /// Forgets all pieces; keeps the buffers.
  void clear();

  /// Asks for a piece. It is there after the next `read`.
  Piece add(Address address, std::uint32_t size);

  /// Pieces added from here on are read after those before, also by the same `read`.
  void then() { groups_.push_back(items_.size()); }

  /// Reads the pieces added since the last `read`. Pieces that cannot be read stay empty; an error
  /// means the target as a whole.
  Result<void> read();

  /// The bytes of a piece; empty when it could not be read.
  Bytes operator[](Piece piece) const;

  /// Bytes that came along in some run, asked for or not; empty when there are none.
  Bytes find(Address address, std::uint32_t size) const;

 private:
  struct Item {
    Address address = 0;
    std::uint32_t size = 0;
    std::size_t at = kNotRead;  ///< in buffer_
  };
  struct Run {
    target::Range range;
    std::size_t at = 0;
    bool whole = true;
  };
  static constexpr std::size_t kNotRead = ~std::size_t{0};

  void join_into_runs(std::size_t begin, std::size_t end);
  Result<void> read_runs(std::size_t first_run);
  Result<void> read_one_by_one(const Run& run);

  const target::Memory* memory_;
  std::vector<Item> items_;
  std::vector<std::size_t> groups_;  ///< of items_: where each group but the first begins
  std::vector<std::pair<Address, Piece>> order_;  ///< pieces not yet read, by group and address
  std::vector<Run> runs_;                         ///< of all reads since `clear`
  std::vector<target::Range> ranges_;
  std::vector<std::uint32_t> failed_;
  std::vector<std::byte> buffer_;
  std::size_t used_ = 0;  ///< bytes of buffer_ in use
  std::size_t read_items_ = 0;
};

}  // namespace chanspect::capture
