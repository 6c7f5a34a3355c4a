#include "go/running_image.h"

#include <elf.h>

#include <algorithm>

namespace chanspect::go {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kPiece = 256U << 10;     // stays in the cache
constexpr std::uint64_t kMostData = 4ULL << 30;  // of all segments: more is no Go program's
constexpr std::size_t kMostSegments = 1024;

/// Reads one piece page by page, and hands on what could be read.
bool read_around_holes(const target::Memory& memory, target::Range range, const PieceReader& reader,
                       std::span<std::byte> buffer) {
  std::uint64_t begin = 0, end = 0;
  while (end < range.size) {
    const std::uint64_t next =
        std::min(range.size, (range.address + end) / kPage * kPage + kPage - range.address);
    const bool good = memory.read(range.address + end, buffer.subspan(end, next - end)).has_value();
    if (!good) {
      if (end > begin && !reader(range.address + begin, buffer.subspan(begin, end - begin)))
        return false;
      begin = next;
    }
    end = next;
  }
  return end == begin || reader(range.address + begin, buffer.subspan(begin, end - begin));
}

}  // namespace

bool RunningImage::in_segment(target::Range range, std::uint32_t rights) const {
  return std::ranges::any_of(elf_->segments(), [&](const binary::Segment& segment) {
    if (segment.type != PT_LOAD || (segment.flags & rights) != rights) return false;
    const std::uint64_t skip = range.address - bias_ - segment.address;
    return skip <= segment.memory_size && range.size <= segment.memory_size - skip;
  });
}

std::vector<target::Range> RunningImage::initialized_data() const {
  std::vector<target::Range> ranges;
  std::uint64_t left = kMostData;
  for (const binary::Segment& segment : elf_->segments()) {
    if (segment.type != PT_LOAD || (segment.flags & unsigned{PF_W}) == 0) continue;
    const std::uint64_t size = std::min(segment.file_size, left);
    if (size == 0 || ranges.size() == kMostSegments) continue;
    ranges.push_back({segment.address + bias_, size});
    left -= size;
  }
  return ranges;
}

std::vector<std::byte> RunningImage::code(target::Range range, std::uint64_t most) const {
  std::vector<std::byte> bytes(std::min(range.size, most));
  if (!elf_->copy_at_address(range.address - bias_, bytes) &&
      !memory_->read(range.address, bytes).has_value())
    bytes.clear();
  return bytes;
}

void read_pieces(const target::Memory& memory, target::Range range, std::size_t overlap,
                 const PieceReader& reader) {
  std::vector<std::byte> buffer(std::min(kPiece + overlap, range.size));
  const std::uint64_t skip = std::min((8 - range.address % 8) % 8, range.size);
  for (std::uint64_t at = skip; at < range.size; at += kPiece) {
    const target::Range piece{range.address + at, std::min(kPiece + overlap, range.size - at)};
    const auto bytes = std::span(buffer).first(piece.size);
    const bool goes_on = memory.read(piece.address, bytes)
                             ? reader(piece.address, bytes)
                             : read_around_holes(memory, piece, reader, bytes);
    if (!goes_on) return;
  }
}

}  // namespace chanspect::go
