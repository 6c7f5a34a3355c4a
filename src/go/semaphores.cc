// runtime.semtable (runtime/sema.go): 251 treaps of waiters, one node an address waited on, further
// waiters of the same address chained by waitlink.

#include "go/semaphores.h"

#include <algorithm>
#include <unordered_set>

namespace chanspect::go {
namespace {

constexpr std::size_t kMostSudogs = 20'000'000;  // more waiters than goroutines fit in memory
constexpr std::uint32_t kLargestSudog = 4096;
constexpr std::size_t kBatch = 4096;  // sudogs read with one call

Result<std::vector<Address>> read_roots(const target::Memory& memory, const SemaRootLayout& layout,
                                        Address semtable) {
  std::vector<std::byte> bytes(std::size_t{layout.stride} * SemaRootLayout::kTableSize);
  CS_CHECK(memory.read(semtable, bytes));
  std::vector<Address> roots;
  for (std::uint32_t i = 0; i < SemaRootLayout::kTableSize; ++i) {
    const Structure root(Bytes(bytes).subspan(std::size_t{i} * layout.stride), layout);
    if (const Address treap = root[&SemaRootLayout::treap]; treap != 0) roots.push_back(treap);
  }
  return roots;
}

}  // namespace

Address SemaphoreWaiters::sudog_of(Address g) const {
  const auto found = sudog_by_g_.find(g);
  return found != sudog_by_g_.end() ? found->second : 0;
}

Result<SemaphoreWaiters> read_semaphores(const target::Memory& memory, const RuntimeLayout& layout,
                                         Address semtable) {
  SemaphoreWaiters waiters;
  const std::uint32_t size = layout.sudog.size;
  if (layout.sema_root.stride == 0 || layout.sema_root.stride > kLargestSudog || size == 0 ||
      size > kLargestSudog)
    return fail(ErrorCode::bad_data, "the layout of runtime.semtable makes no sense");
  CS_TRY(std::vector<Address> level, read_roots(memory, layout.sema_root, semtable));
  std::unordered_set<Address> seen(level.begin(), level.end());
  std::vector<std::byte> bytes(kBatch * size);
  std::vector<target::Range> ranges;
  std::vector<std::uint32_t> failed;

  // All treaps and chains go down together, one level a round, in batches.
  while (!level.empty() && seen.size() < kMostSudogs) {
    std::ranges::sort(level);
    std::vector<Address> below;
    for (std::size_t begin = 0; begin < level.size(); begin += kBatch) {
      const std::size_t count = std::min(kBatch, level.size() - begin);
      ranges.clear();
      failed.clear();
      for (std::size_t i = 0; i < count; ++i) ranges.push_back({level[begin + i], size});
      CS_CHECK(memory.read_ranges(ranges, bytes, failed));
      for (std::size_t i = 0; i < count; ++i) {
        // What could not be read is zeroed: no g, and nothing below.
        const Structure sudog(Bytes(bytes).subspan(i * size, size), layout.sudog);
        if (const Address g = sudog[&SudogLayout::g]; g != 0)
          waiters.sudog_by_g_.insert_or_assign(g, level[begin + i]);
        for (const Address next :
             {sudog[&SudogLayout::prev], sudog[&SudogLayout::next], sudog[&SudogLayout::waitlink]})
          if (next != 0 && seen.insert(next).second) below.push_back(next);
      }
    }
    level = std::move(below);
  }
  return waiters;
}

}  // namespace chanspect::go
