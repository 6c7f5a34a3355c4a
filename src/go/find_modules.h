#pragma once

#include <string>

#include "base/result.h"
#include "go/release.h"
#include "go/running_image.h"

namespace chanspect::go {

/// Where runtime.firstmoduledata lies, and what told it.
struct FoundModules {
  Address first = 0;
  std::string how;
};

/// Finds runtime.firstmoduledata in an image that has no symbols: in the section that 1.26 and
/// later put it in, or by the pointer to the pclntab that each moduledata begins with. What is
/// found passes read_modules, and its code, tables and data lie in the image's own segments.
/// `bad_data` when there is none.
Result<FoundModules> find_modules(const RunningImage& image, const Release& release);

}  // namespace chanspect::go
