#include "go/runtime_code.h"

#include <algorithm>

namespace chanspect::go {
namespace {

constexpr std::uint64_t kMostCode = 64U << 10;  // of one function; gcMarkTermination has 6 KB

/// The data of Go's own variables. Other writable data are, in a position-independent program, the
/// types and whatever else had to be relocated.
std::vector<target::Range> variables_of(const Module& module) {
  std::vector<target::Range> ranges;
  for (const auto& [begin, end] :
       {std::pair{module.noptrdata, module.enoptrdata}, std::pair{module.data, module.edata},
        std::pair{module.bss, module.ebss}, std::pair{module.noptrbss, module.enoptrbss}})
    if (begin < end) ranges.push_back({begin, end - begin});
  return ranges;
}

}  // namespace

RuntimeCode::RuntimeCode(const RunningImage& image, const FunctionTable& functions,
                         std::span<const std::string_view> names)
    : image_(&image), variables_(variables_of(functions.modules().front())) {
  const auto found = functions.find_by_names(names);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (found[i]) code_.emplace(names[i], functions.code(*found[i]));
}

std::vector<DataReference> RuntimeCode::references(std::string_view name) const {
  const auto found = code_.find(name);
  if (found == code_.end()) return {};
  auto references = data_references(image_->code(found->second, kMostCode), found->second.address,
                                    image_->arch());
  std::erase_if(references, [&](const DataReference& reference) {
    return std::ranges::none_of(
        variables_, [&](const target::Range& range) { return range.contains(reference.place); });
  });
  return references;
}

}  // namespace chanspect::go
