#include "capture/self_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "capture/allgs.h"
#include "capture/g_facts.h"
#include "capture/gather.h"

namespace chanspect::capture {
namespace {

constexpr std::size_t kSample = 64;
constexpr std::uint64_t kMostStack = std::uint64_t{1} << 30;  // proc.go: maxstacksize

/// A g that has been used: newproc1 and gogo keep these true whatever it does at the moment. A g in
/// the middle of a change (its stack is being copied, it is being born) may look odd; few are.
bool looks_like_g(const GFacts& g, Bytes bytes, const go::GLayout& layout) {
  const Address saved_g = go::Structure(bytes, layout)[&go::GLayout::sched_g];
  const bool known = g.status != snapshot::Status::unknown;
  const bool has_stack = g.stack_lo < g.stack_hi && g.stack_hi - g.stack_lo <= kMostStack;
  if (!known) return false;
  if (!g.alive()) return g.stack_lo <= g.stack_hi;
  if (!has_stack || g.goid == 0 || g.startpc == 0) return false;
  if (saved_g != g.address) return false;
  return !g.parked() || (g.sched_sp > g.stack_lo && g.sched_sp < g.stack_hi);
}

}  // namespace

Result<LayoutFit> measure_layout(const Runtime& runtime) {
  CS_TRY(std::vector<Address> goroutines, read_allgs(runtime, kSample));
  const std::uint32_t size = std::max(runtime.layout.g.size, facts_size(runtime.layout.g));
  Gather gather(*runtime.memory);
  for (const Address g : goroutines) gather.add(g, size);
  CS_CHECK(gather.read());
  std::size_t good = 0;
  for (std::uint32_t i = 0; i < goroutines.size(); ++i) {
    const Bytes bytes = gather[i];
    if (bytes.empty()) continue;
    const GFacts facts = parse_g(goroutines[i], bytes, runtime.layout.g);
    good += looks_like_g(facts, bytes, runtime.layout.g) ? 1 : 0;
  }
  return LayoutFit{goroutines.size(), good};
}

Result<void> check_layout(const Runtime& runtime) {
  CS_TRY(const LayoutFit fit, measure_layout(runtime));
  if (fit.looked_at == 0)
    return fail(ErrorCode::bad_data, "the Go runtime of the process has not started yet",
                "its list of goroutines is empty", "try again in a moment");
  if (fit.good * 4 >= fit.looked_at * 3) return {};
  return fail(
      ErrorCode::bad_data,
      fmt::format("the goroutines do not look like those of {}", runtime.layout.release.name()),
      fmt::format("of the first {} only {} fit the layout ({})", fit.looked_at, fit.good,
                  runtime.layout.source));
}

}  // namespace chanspect::capture
