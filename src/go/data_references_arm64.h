#pragma once

#include <vector>

#include "go/data_references.h"

namespace chanspect::go {

/// data_references for arm64: a page's address from ADRP, and what the next instructions add to it.
std::vector<DataReference> arm64_references(Bytes code, Address entry);

}  // namespace chanspect::go
