#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "capture/allgs.h"
#include "capture/capture.h"
#include "capture/g_facts.h"
#include "capture/gather.h"
#include "capture/look.h"
#include "capture/open.h"
#include "capture/parallel.h"
#include "capture/system_goroutines.h"
#include "capture/watch.h"

namespace chanspect::capture {

struct Program::Parts {
  std::unique_ptr<OpenedProgram> opened;
};

Program::Program(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Result<Program> Program::open(std::int32_t pid) {
  auto parts = std::make_unique<Parts>();
  CS_TRY(parts->opened, open_process(pid));
  return Program(std::move(parts));
}

Result<Program> Program::open_core(const std::string& path, const std::string& executable) {
  auto parts = std::make_unique<Parts>();
  CS_TRY(parts->opened, capture::open_core(path, executable));
  return Program(std::move(parts));
}

Result<snapshot::Snapshot> Program::capture(const Options& options) const {
  const OpenedProgram& opened = *parts_->opened;
  auto snapshot = options.watch_ns > 0 ? look_twice(opened, options) : look_once(opened, options);
  if (!snapshot && opened.live != nullptr && opened.live->ends_within(target::LiveMemory::kDyingMs))
    return fail(ErrorCode::gone,
                fmt::format("process {} ended while it was read", opened.live->pid()));
  return snapshot;
}

Result<std::uint64_t> Program::goroutine_count() const {
  constexpr std::size_t kAtOnce = 16384;
  const Runtime& runtime = parts_->opened->runtime;
  CS_TRY(const auto goroutines, read_allgs(runtime));
  std::atomic<std::uint64_t> alive = 0;
  CS_CHECK(for_each_in_parallel(
      worker_count(0), (goroutines.size() + kAtOnce - 1) / kAtOnce,
      [&](unsigned, std::size_t part) -> Result<void> {
        const std::size_t end = std::min(goroutines.size(), (part + 1) * kAtOnce);
        Gather gather(*runtime.memory);
        for (std::size_t i = part * kAtOnce; i < end; ++i)
          gather.add(goroutines[i], facts_size(runtime.layout.g));
        CS_CHECK(gather.read());
        SystemGoroutines system(runtime);
        std::uint64_t here = 0;
        for (std::size_t i = part * kAtOnce; i < end; ++i) {
          const auto bytes = gather[static_cast<Gather::Piece>(i - part * kAtOnce)];
          const GFacts g = parse_g(goroutines[i], bytes, runtime.layout.g);
          here += !bytes.empty() && g.alive() && !system.contains(g) ? 1 : 0;
        }
        alive += here;
        return {};
      }));
  return alive.load();
}

const snapshot::Source& Program::source() const {
  return parts_->opened->source;
}

}  // namespace chanspect::capture
