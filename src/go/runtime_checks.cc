#include "go/runtime_checks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

namespace chanspect::go {
namespace {

constexpr std::uint64_t kMostElements = 1ULL << 32;
constexpr std::uint64_t kMostGoroutines = 100'000'000;
constexpr std::uint64_t kMostProcessors = 1 << 16;
constexpr std::uint64_t kMostSettings = 1024;
constexpr std::uint32_t kLargestStruct = 1 << 16;
constexpr std::uint64_t kSmallestStack = 2048;       // stack.go: fixedStack
constexpr std::uint64_t kLargestStack = 1ULL << 31;  // twice proc.go: maxstacksize
constexpr std::uint64_t kSample = 32;                // g's at either end of the list
constexpr std::size_t kMostThreads = 100'000;  // far above runtime/debug.SetMaxThreads' default

template <class T>
T read_or_zero(const target::Memory& memory, Address from) {
  return target::read_value<T>(memory, from).value_or(T{});
}

/// Bytes from the front of a struct that hold all fields that we look at, within reason.
std::uint32_t bytes_of(std::uint32_t size) {
  return std::min(size, kLargestStruct);
}

bool looks_like_g(Bytes bytes, const GLayout& layout, Address address) {
  constexpr std::uint32_t kScan = 0x1000;  // _Gscan
  constexpr std::uint32_t kIdle = 0, kDead = 6, kDeadExtra = 11;
  const Structure g(bytes, layout);
  const Address low = g[&GLayout::stack_lo];
  const Address high = g[&GLayout::stack_hi];
  const std::uint32_t status = g[&GLayout::atomicstatus] & ~kScan;
  if (high < low || status > kDeadExtra) return false;
  const std::uint64_t stack = high - low;
  const bool lives = status != kIdle && status != kDead && status != kDeadExtra;
  if (stack == 0) return low == 0 && !lives;
  if (!std::has_single_bit(stack) || stack < kSmallestStack || stack > kLargestStack) return false;
  return !lives || (g[&GLayout::sched_g] == address && g[&GLayout::goid] != 0);
}

}  // namespace

bool SliceHeader::makes_sense(std::uint64_t element_size) const {
  return address != 0 && address % 8 == 0 && length != 0 && length <= capacity &&
         capacity <= kMostElements && address + capacity * element_size > address;
}

bool are_gs(const target::Memory& memory, const GLayout& layout, Address array,
            std::uint64_t length) {
  if (length == 0 || length > kMostGoroutines) return false;
  const std::uint64_t ends = std::min(length, kSample);
  const std::uint64_t others = std::min(length - ends, kSample);
  std::vector<Address> addresses(ends + others);
  const auto sample = std::span(addresses);
  if (!memory.read(array, std::as_writable_bytes(sample.first(ends))) ||
      !memory.read(array + (length - others) * 8, std::as_writable_bytes(sample.last(others))))
    return false;

  const std::uint32_t size = bytes_of(layout.size);
  std::vector<target::Range> ranges;
  for (const Address g : addresses) {
    if (g == 0 || g % 8 != 0) return false;
    ranges.push_back({g, size});
  }
  std::vector<std::byte> bytes(ranges.size() * size);
  std::vector<std::uint32_t> failed;
  if (!memory.read_ranges(ranges, bytes, failed) || !failed.empty()) return false;
  std::size_t good = 0, alive = 0;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Bytes g = Bytes(bytes).subspan(i * size, size);
    good += looks_like_g(g, layout, addresses[i]) ? 1 : 0;
    alive += Structure(g, layout)[&GLayout::sched_g] == addresses[i] ? 1 : 0;
  }
  return good * 4 >= addresses.size() * 3 && alive != 0;
}

bool is_allm(const target::Memory& memory, const RuntimeLayout& layout, Address allm) {
  auto m = read_or_zero<Address>(memory, allm);
  std::size_t threads = 0, good = 0;
  for (; m != 0 && threads < kMostThreads; ++threads) {
    if (m % 8 != 0) return false;
    const auto g0 = target::read_value<Address>(memory, m + layout.m.g0.offset);
    const auto next = target::read_value<Address>(memory, m + layout.m.alllink.offset);
    if (!g0 || !next) return false;
    const bool points_back =
        *g0 != 0 && read_or_zero<Address>(memory, *g0 + layout.g.m.offset) == m;
    if (!points_back && threads != 0) return false;
    good += points_back ? 1 : 0;
    m = *next;
  }
  return m == 0 && good != 0;
}

bool is_allp(const target::Memory& memory, const PLayout& layout, Address allp) {
  const auto slice = read_or_zero<SliceHeader>(memory, allp);
  if (!slice.makes_sense(8) || slice.length > kMostProcessors) return false;
  for (const std::uint64_t i : {std::uint64_t{0}, slice.length / 2, slice.length - 1}) {
    const auto p = read_or_zero<Address>(memory, slice.address + i * 8);
    if (p == 0 || p % 8 != 0) return false;
    const auto id = target::read_value<std::int32_t>(memory, p + layout.id.offset);
    if (!id || *id != static_cast<std::int32_t>(i)) return false;
  }
  return true;
}

bool is_semtable(const target::Memory& memory, const RuntimeLayout& layout, Address semtable) {
  const SemaRootLayout& root = layout.sema_root;
  if (root.stride == 0 || root.stride > kLargestStruct) return false;
  std::vector<std::byte> table(std::size_t{root.stride} * SemaRootLayout::kTableSize);
  if (!memory.read(semtable, table)) return false;
  std::size_t treaps = 0, good = 0;
  for (std::uint32_t i = 0; i < SemaRootLayout::kTableSize; ++i) {
    const Structure entry(Bytes(table).subspan(std::size_t{i} * root.stride), root);
    const Address sudog = entry[&SemaRootLayout::treap];
    if (sudog % 8 != 0 || entry[&SemaRootLayout::nwait] > kMostGoroutines) return false;
    if (sudog == 0) continue;
    const auto address = read_or_zero<Address>(memory, sudog + layout.sudog.elem.offset);
    ++treaps;  // sema.go: rootFor
    good += address != 0 && (address >> 3) % SemaRootLayout::kTableSize == i ? 1 : 0;
  }
  return good * 4 >= treaps * 3;  // some may be changing hands
}

bool is_dbgvars(const target::Memory& memory, const Release& release, Address dbgvars) {
  constexpr std::string_view kSetting = "gctrace";
  constexpr int kFirstWithPointers = 21;  // before, the slice held the structs themselves
  const std::uint64_t element = release.minor >= kFirstWithPointers ? 8 : 24;
  const auto slice = read_or_zero<SliceHeader>(memory, dbgvars);
  if (!slice.makes_sense(element) || slice.length > kMostSettings) return false;
  for (std::uint64_t i = 0; i < slice.length; ++i) {
    Address variable = slice.address + i * element;
    if (element == 8) variable = read_or_zero<Address>(memory, variable);
    const auto name = target::read_value<std::array<std::uint64_t, 2>>(memory, variable);
    if (!name) return false;
    if ((*name)[1] != kSetting.size()) continue;
    std::string text(kSetting.size(), '\0');
    if (memory.read((*name)[0], std::as_writable_bytes(std::span(text))) && text == kSetting)
      return true;
  }
  return false;
}

}  // namespace chanspect::go
