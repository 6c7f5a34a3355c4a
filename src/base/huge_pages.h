#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chanspect {

/// Reserves room for `count` items and asks the kernel to back it with huge pages (madvise(2)),
/// which saves a page fault for each 4 KiB of a large vector. For memory that is not yet touched.
template <class T>
void reserve_huge(std::vector<T>& vector, std::size_t count) {
  vector.reserve(count);
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  const auto begin = reinterpret_cast<std::uintptr_t>(vector.data());
  const std::uintptr_t first = (begin + kHugePage - 1) & ~(kHugePage - 1);
  const std::uintptr_t end = (begin + count * sizeof(T)) & ~(kHugePage - 1);
  if (first >= end) return;
  auto* const bytes = reinterpret_cast<std::byte*>(vector.data());
  madvise(bytes + (first - begin), end - first, MADV_HUGEPAGE);  // a wish: failing costs nothing
}

}  // namespace chanspect
