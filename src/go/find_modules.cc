// runtime.firstmoduledata of a stripped program. Its first field points to the pclntab, whose
// header can be known by its look; in a position-independent program it does so only once it is
// loaded.

#include "go/find_modules.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "go/find_pclntab.h"
#include "go/module.h"

namespace chanspect::go {
namespace {

constexpr std::size_t kMostPointers = 256;  // to pclntabs, in the data

/// The modules that begin at `first`, if the first of them is this image's own.
bool is_own_module(const RunningImage& image, Address first, const Release& release) {
  const auto modules = read_modules(image.memory(), first, release);
  if (!modules) return false;
  const Module& own = modules->front();
  return own.address == first &&
         image.in_segment({own.text, own.etext - own.text}, unsigned{PF_X}) &&
         image.in_segment(own.ftab, 0) && image.in_segment(own.function_names, 0) &&
         image.in_segment({own.pclntab, kPcHeaderSize}, 0);
}

/// The place in the image's data that points to one of the pclntabs and begins a moduledata; 0 when
/// there is none.
Address find_by_pointer(const RunningImage& image, const std::vector<Address>& pclntabs,
                        const Release& release) {
  Address found = 0;
  std::size_t pointers = 0;
  const auto look_at = [&](Address from, Bytes bytes) {
    for (std::uint64_t at = 0; at + 8 <= bytes.size(); at += 8) {
      std::uint64_t word;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      if (std::ranges::find(pclntabs, word - image.bias()) == pclntabs.end()) [[likely]]
        continue;
      if (is_own_module(image, from + at, release)) found = from + at;
      if (found != 0 || ++pointers == kMostPointers) return false;
    }
    return true;
  };
  if (pclntabs.empty()) return 0;
  for (const target::Range& range : image.initialized_data())
    if (found == 0 && pointers < kMostPointers) read_pieces(image.memory(), range, 0, look_at);
  return found;
}

}  // namespace

Result<FoundModules> find_modules(const RunningImage& image, const Release& release) {
  if (const auto* section = image.elf().find_section(".go.module"))
    if (const Address first = section->address + image.bias(); is_own_module(image, first, release))
      return FoundModules{first, "section .go.module"};
  if (const Address first = find_by_pointer(image, pclntab_sections(image.elf()), release))
    return FoundModules{first, "pointer to the pclntab's section"};
  const auto pclntabs = pclntabs_by_look(image.elf(), image.arch());
  if (const Address first = find_by_pointer(image, pclntabs, release))
    return FoundModules{first, "pointer to what looks like a pclntab"};
  return fail(ErrorCode::bad_data, "cannot find the Go runtime's module data",
              pclntabs.empty() ? "the executable holds no table of Go functions"
                               : "nothing in its data leads to its table of Go functions");
}

}  // namespace chanspect::go
