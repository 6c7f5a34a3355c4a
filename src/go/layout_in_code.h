#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "go/function_table.h"
#include "go/layout.h"
#include "go/running_image.h"

namespace chanspect::go {

/// Offsets of fields, in bytes, as the machine code of a program uses them.
struct OffsetsInCode {
  std::optional<std::uint32_t> g_m, m_curg, g_atomicstatus, g_waitreason;
};

/// What the code of runtime.gopark shows: it goes from its own g to the m and from there to curg,
/// reads that one's status and writes its wait reason (proc.go). amd64.
OffsetsInCode offsets_in_gopark(Bytes code);

/// Whether the program's own code uses g and m as `layout` says; for a layout that was made for
/// another release than the program's. `unknown_release` with the field that differs, or where the
/// code does not tell.
Result<void> check_layout_by_code(const RunningImage& image, const FunctionTable& functions,
                                  const RuntimeLayout& layout);

}  // namespace chanspect::go
