#include "go/runtime_code.h"

#include <elf.h>

namespace chanspect::go {
namespace {

constexpr std::uint64_t kMostCode = 64U << 10;  // of one function; gcMarkTermination has 6 KB

}  // namespace

RuntimeCode::RuntimeCode(const RunningImage& image, const FunctionTable& functions,
                         std::span<const std::string_view> names)
    : image_(&image) {
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
    return !image_->in_segment({reference.place, 1}, unsigned{PF_W});
  });
  return references;
}

}  // namespace chanspect::go
