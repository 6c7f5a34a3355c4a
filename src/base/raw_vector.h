#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace chanspect {

/// An allocator whose elements come as the memory comes: resizing touches nothing. Who resizes must
/// fill, which several threads can do side by side; zeroing a hundred MB first would cost more time
/// than filling them. Large blocks ask for huge pages: a fault for every 4 KiB is a tenth of the
/// time to read a million goroutines.
template <class T>
struct RawAllocator : std::allocator<T> {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  static constexpr std::size_t kHugePage = std::size_t{2} << 20;

  T* allocate(std::size_t count) {
    if (count > std::size_t(-1) / sizeof(T)) throw std::bad_array_new_length();
    const std::size_t size = count * sizeof(T);
    const bool large = size >= 2 * kHugePage;
    void* block = nullptr;
    if (posix_memalign(&block, large ? kHugePage : alignof(std::max_align_t), size) != 0)
      throw std::bad_alloc();
    if (large) madvise(block, size / kHugePage * kHugePage, MADV_HUGEPAGE);  // refused: no harm
    return static_cast<T*>(block);
  }
  void deallocate(T* block, std::size_t) { std::free(block); }

  template <class U>
  struct rebind {
    using other = RawAllocator<U>;
  };

  template <class U>
  void construct(U*) noexcept {}
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    std::construct_at(at, std::forward<Arguments>(arguments)...);
  }
};

/// A vector whose `resize` leaves new elements raw. Adding one makes it as usual.
template <class T>
class RawVector : public std::vector<T, RawAllocator<T>> {
  using Base = std::vector<T, RawAllocator<T>>;

 public:
  using Base::Base;

  template <class... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    return Base::emplace_back(T(std::forward<Arguments>(arguments)...));
  }
};

/// Fills memory that nobody has touched yet. Assigning would read it first, for the sake of bits
/// that share a byte, and then cost two page faults a page.
template <class T>
void fill_new(std::span<T> elements, const T& value) {
  for (T& element : elements) std::memcpy(&element, &value, sizeof(T));
}

}  // namespace chanspect
