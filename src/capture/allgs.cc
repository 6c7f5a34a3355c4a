#include "capture/allgs.h"

#include <algorithm>
#include <span>

namespace chanspect::capture {
namespace {

constexpr std::uint64_t kMostGoroutines = 100'000'000;  // 40 GB of g's: a broken length instead

}  // namespace

/// The list only grows, and g's are never freed: entries below a length once read stay good. The
/// length is stored after the array (proc.go: allgadd), so it is read first.
Result<std::vector<Address>> read_allgs(const Runtime& runtime, std::size_t most) {
  CS_TRY(const auto length,
         target::read_value<std::uint64_t>(*runtime.memory, runtime.variables.allglen));
  CS_TRY(const auto array, target::read_value<Address>(*runtime.memory, runtime.variables.allgptr));
  if (length > kMostGoroutines)
    return fail(ErrorCode::bad_data, "runtime.allgs makes no sense",
                "it claims more goroutines than memory could hold");
  std::vector<Address> goroutines(std::min<std::size_t>(length, most));
  if (!goroutines.empty())
    CS_CHECK(runtime.memory->read(array, std::as_writable_bytes(std::span(goroutines))));
  std::erase(goroutines, 0);
  return goroutines;
}

}  // namespace chanspect::capture
