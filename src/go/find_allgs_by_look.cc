// The list of goroutines in a program whose functions have no names to go by: of all slices in the
// data of real programs, allgs is the longest one of pointers to g's (while the collector marks,
// with a copy of it, work.stackRoots).

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "go/runtime_checks.h"
#include "go/variables_in_code.h"

namespace chanspect::go {
namespace {

constexpr std::size_t kMostSlices = 1 << 20;  // that are looked into

struct FoundSlice {
  Address place = 0;
  SliceHeader header;
};

/// append never leaves more room than this (slice.go: growslice, with rounding to a size class).
bool has_grown(const SliceHeader& header) {
  return header.makes_sense(8) && header.capacity / 4 <= header.length;
}

/// The data in which package runtime keeps variables that hold pointers.
std::vector<target::Range> pointer_data(const RunningImage& image, const Module& module) {
  constexpr std::uint64_t kMost = 4ULL << 30;  // more is no Go program's
  std::vector<target::Range> ranges;
  const auto add = [&](Address begin, Address end) {
    const target::Range range{begin, end - begin};
    if (end > begin && range.size <= kMost && image.in_segment(range, PF_W))
      ranges.push_back(range);
  };
  add(module.data, module.edata);
  add(module.bss, module.ebss);
  return ranges;
}

/// All slices of g's in a piece of memory.
class SliceSearch {
 public:
  SliceSearch(const target::Memory& memory, const GLayout& layout)
      : memory_(memory), layout_(layout) {}

  bool look_at(Address from, Bytes bytes) {
    SliceHeader header;
    for (std::uint64_t at = 0; at + sizeof header <= bytes.size(); at += 8) {
      std::memcpy(&header, bytes.data() + at, sizeof header);
      if (!has_grown(header)) [[likely]]
        continue;
      if (++looked_ == kMostSlices) return false;
      if (are_gs(memory_, layout_, header.address, header.length))
        found_.push_back({from + at, header});
    }
    return true;
  }

  const std::vector<FoundSlice>& found() const { return found_; }

 private:
  const target::Memory& memory_;
  const GLayout& layout_;
  std::size_t looked_ = 0;
  std::vector<FoundSlice> found_;
};

/// Of several slices the longest: allgs has every g, another one some of them. The collector's copy
/// is as long, and has been cut to its length, so of equals the one with most room. Where allgs has
/// no room left either, the first: the linker sorts variables by size
/// (cmd/link/internal/ld/data.go: dodataSect), and the copy lies in the large struct `work`.
const FoundSlice* choose(const std::vector<FoundSlice>& slices) {
  const auto found = std::ranges::max_element(slices, {}, [](const FoundSlice& slice) {
    return std::pair(slice.header.length, slice.header.capacity);
  });
  return found == slices.end() ? nullptr : &*found;
}

}  // namespace

void find_allgs_by_look(const RunningImage& image, const FunctionTable& functions,
                        const RuntimeLayout& layout, RuntimeVariables& variables,
                        Findings& findings) {
  if (variables.allgptr != 0 && variables.allglen != 0) return;
  SliceSearch search(image.memory(), layout.g);
  for (const target::Range& range : pointer_data(image, functions.modules().front()))
    read_pieces(image.memory(), range, sizeof(SliceHeader) - 8,
                [&](Address from, Bytes bytes) { return search.look_at(from, bytes); });
  const FoundSlice* allgs = choose(search.found());
  if (allgs == nullptr) return;
  variables.allgptr = allgs->place;
  variables.allglen = allgs->place + 8;
  findings.emplace_back("allgs", "search of the data");
}

}  // namespace chanspect::go
