#include "go/lazy_table.h"

#include <sys/mman.h>

#include <algorithm>

namespace chanspect::go {

Result<std::unique_ptr<LazyTable>> LazyTable::make(const target::Memory& memory,
                                                   target::Range range) {
  std::byte* bytes = nullptr;
  const std::uint64_t skip = range.size != 0 ? range.address % kPage : 0;
  const target::Range pages{range.address - skip, range.size + skip};
  if (pages.size != 0) {
    void* mapped = mmap(nullptr, pages.size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) return fail(ErrorCode::io, "no address space for a Go table");
    bytes = static_cast<std::byte*>(mapped);
  }
  return std::unique_ptr<LazyTable>(new LazyTable(memory, pages, skip, bytes));
}

LazyTable::LazyTable(const target::Memory& memory, target::Range pages, std::uint64_t skip,
                     std::byte* bytes)
    : memory_(&memory),
      range_(pages),
      skip_(skip),
      bytes_(bytes),
      states_(std::make_unique<std::atomic<State>[]>((pages.size + kPage - 1) / kPage)) {}

LazyTable::~LazyTable() {
  if (bytes_ != nullptr) munmap(bytes_, range_.size);
}

Bytes LazyTable::view(std::uint64_t offset, std::uint64_t length) const {
  if (offset >= size() || length == 0) return {};
  const std::uint64_t begin = skip_ + offset;
  const std::uint64_t end = begin + std::min(length, size() - offset);
  for (std::uint64_t page = begin / kPage; page * kPage < end; ++page)
    if (page_state(page) == unreadable)
      return {bytes_ + begin, std::max(begin, page * kPage) - begin};
  return {bytes_ + begin, end - begin};
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
  const State state = states_[page].load(std::memory_order_acquire);
  if (state != unknown) [[likely]]
    return state;
  fill(page * kPage / kChunk);
  return states_[page].load(std::memory_order_acquire);
}

void LazyTable::fill(std::uint64_t chunk) const {
  const std::lock_guard lock(filling_);
  const std::uint64_t begin = chunk * kChunk;
  const std::uint64_t end = std::min(begin + kChunk, range_.size);
  if (states_[begin / kPage].load(std::memory_order_relaxed) != unknown) return;
  const std::span<std::byte> into(bytes_ + begin, end - begin);
  const bool whole = memory_->read(range_.address + begin, into).has_value();
  for (std::uint64_t at = begin; at < end; at += kPage) {
    const std::uint64_t size = std::min(kPage, end - at);
    const bool good =
        whole || memory_->read(range_.address + at, std::span(bytes_ + at, size)).has_value();
    states_[at / kPage].store(good ? present : unreadable, std::memory_order_release);
  }
}

}  // namespace chanspect::go
