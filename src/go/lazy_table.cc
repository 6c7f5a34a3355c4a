#include "go/lazy_table.h"

#include <sys/mman.h>

#include <algorithm>

namespace chanspect::go {

Result<std::unique_ptr<LazyTable>> LazyTable::make(const target::Memory& memory,
                                                   target::Range range) {
  std::byte* bytes = nullptr;
  if (range.size != 0) {
    void* mapped = mmap(nullptr, range.size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) return fail(ErrorCode::io, "no address space for a Go table");
    bytes = static_cast<std::byte*>(mapped);
  }
  return std::unique_ptr<LazyTable>(new LazyTable(memory, range, bytes));
}

LazyTable::LazyTable(const target::Memory& memory, target::Range range, std::byte* bytes)
    : memory_(&memory),
      range_(range),
      bytes_(bytes),
      pages_(std::make_unique<std::atomic<State>[]>((range.size + kPage - 1) / kPage)) {}

LazyTable::~LazyTable() {
  if (bytes_ != nullptr) munmap(bytes_, range_.size);
}

Bytes LazyTable::view(std::uint64_t offset, std::uint64_t length) const {
  if (offset >= range_.size || length == 0) return {};
  const std::uint64_t end = offset + std::min(length, range_.size - offset);
  for (std::uint64_t page = offset / kPage; page * kPage < end; ++page)
    if (page_state(page) == unreadable) {
      const std::uint64_t good_end = std::max(offset, page * kPage);
      return {bytes_ + offset, good_end - offset};
    }
  return {bytes_ + offset, end - offset};
}

std::string_view LazyTable::text(std::uint64_t offset) const {
  constexpr std::uint64_t kLongest = 1 << 16;
  for (std::uint64_t length = 256; length <= kLongest; length *= 16) {
    const auto found = c_string(view(offset, length), 0);
    if (found) return *found;
  }
  return {};
}

LazyTable::State LazyTable::page_state(std::uint64_t page) const {
  const State state = pages_[page].load(std::memory_order_acquire);
  if (state != unknown) [[likely]]
    return state;
  fill(page * kPage / kChunk);
  return pages_[page].load(std::memory_order_acquire);
}

void LazyTable::fill(std::uint64_t chunk) const {
  const std::lock_guard lock(filling_);
  const std::uint64_t begin = chunk * kChunk;
  const std::uint64_t end = std::min(begin + kChunk, range_.size);
  if (pages_[begin / kPage].load(std::memory_order_relaxed) != unknown) return;
  const std::span<std::byte> into(bytes_ + begin, end - begin);
  const bool whole = memory_->read(range_.address + begin, into).has_value();
  for (std::uint64_t at = begin; at < end; at += kPage) {
    const std::uint64_t size = std::min(kPage, end - at);
    const bool good =
        whole || memory_->read(range_.address + at, std::span(bytes_ + at, size)).has_value();
    pages_[at / kPage].store(good ? present : unreadable, std::memory_order_release);
  }
}

}  // namespace chanspect::go
