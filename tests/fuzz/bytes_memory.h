#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "target/memory.h"

namespace chanspect::fuzz {

/// A target whose whole memory is given bytes from `base`, the start of a page, on; as in life, the
/// last page is readable to its end.
class BytesMemory final : public target::Memory {
 public:
  BytesMemory(Address base, Bytes bytes) : base_(base), bytes_(bytes) {}

  Result<void> read(Address from, std::span<std::byte> into) const override {
    constexpr std::uint64_t kPage = 4096;
    const std::uint64_t size = (bytes_.size() + kPage - 1) / kPage * kPage;
    const std::uint64_t offset = from - base_;
    if (from < base_ || offset > size || size - offset < into.size())
      return fail(ErrorCode::unreadable, "not there");
    std::ranges::fill(into, std::byte{0});
    if (offset < bytes_.size())
      std::ranges::copy(bytes_.subspan(offset, std::min(into.size(), bytes_.size() - offset)),
                        into.begin());
    return {};
  }
  Result<void> read_ranges(std::span<const target::Range> ranges, std::span<std::byte> into,
                           std::vector<std::uint32_t>& failed) const override {
    for (std::uint32_t i = 0; i < ranges.size(); ++i) {
      const auto part = into.first(ranges[i].size);
      into = into.subspan(ranges[i].size);
      if (read(ranges[i].address, part)) continue;
      std::ranges::fill(part, std::byte{0});
      failed.push_back(i);
    }
    return {};
  }
  std::uint64_t bytes_read() const override { return 0; }

 private:
  Address base_;
  Bytes bytes_;
};

}  // namespace chanspect::fuzz
