#include "capture/look.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <optional>

#include "capture/debug_setting.h"
#include "capture/parallel.h"
#include "capture/running.h"
#include "capture/stopwatch.h"
#include "capture/watch.h"
#include "target/short_turns.h"
#include "target/stopped_threads.h"

namespace chanspect::capture {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kFirstWithWaitingOnSemaphores = 26;  // from go1.26 on g.waiting tells these too

std::int64_t ns_since(Clock::time_point begin) {
  return std::chrono::nanoseconds(Clock::now() - begin).count();
}

HarvestPlan plan_harvest(const Options& options, const Runtime& runtime, bool stands_still,
                         snapshot::Snapshot& snapshot) {
  HarvestPlan plan;
  plan.verify = !stands_still;
  plan.channels = options.channels;
  plan.labels = options.labels;
  plan.stacks = options.stacks != Options::Stacks::none;
  plan.arguments = options.arguments && plan.stacks;
  plan.depth =
      options.stacks == Options::Stacks::full ? go::StackDepth::full : go::StackDepth::site;
  for (const auto& reason : runtime.wait_reasons)
    plan.reason_ids.push_back(snapshot.strings.add(reason.text));
  return plan;
}

/// The collector's cycles tell why no wait may be known: it alone sets g.waitsince.
void read_gc_cycles(const Runtime& runtime, snapshot::Completeness& completeness) {
  if (runtime.variables.memstats == 0 || !runtime.layout.mstats.numgc.present()) return;
  const auto cycles = target::read_value<std::uint32_t>(
      *runtime.memory, runtime.variables.memstats + runtime.layout.mstats.numgc.offset);
  if (!cycles) return;
  completeness.gc_cycles = *cycles;
  completeness.gc_known = true;
}

/// What must come out of one instant, or out of moments as near to each other as can be.
/// `threads` are those of a target that stands still.
Result<void> read_goroutines(Look& look, Stopwatch& watch,
                             std::span<const target::ThreadRegisters> threads) {
  const Runtime& runtime = *look.runtime;
  CS_TRY(look.plan.threads, read_threads(runtime));
  if (runtime.layout.release.minor < kFirstWithWaitingOnSemaphores && look.plan.channels &&
      runtime.variables.semtable != 0) {
    CS_TRY(look.semaphores,
           go::read_semaphores(*runtime.memory, runtime.layout, runtime.variables.semtable));
  }
  watch.lap("threads and semaphores");
  CS_CHECK(harvest(look));
  watch.lap("goroutines");
  if (look.plan.channels) {
    CS_TRY(auto unsettled, link_channels(look));
    watch.lap("channels");
    CS_CHECK(settle_channels(look, std::move(unsettled)));
    watch.lap("channels that moved");
  }
  if (!threads.empty() && look.plan.stacks) CS_CHECK(trace_running_goroutines(look, threads));
  return {};
}

void add_notes(Look& look) {
  auto& completeness = look.snapshot.completeness;
  if (look.wide > 0)
    completeness.notes.push_back(
        fmt::format("{} goroutines were read in moments longer than 50 us, since the machine is "
                    "busy: that they "
                    "stood still in between is very likely, not certain",
                    look.wide));
}

}  // namespace

Result<snapshot::Snapshot> look_once(const OpenedProgram& opened, const Options& options) {
  Look look;
  look.runtime = &opened.runtime;
  look.options = &options;
  look.workers = worker_count(options.threads);
  const bool freeze = opened.live != nullptr && options.stop == snapshot::StopMode::freeze;
  look.plan =
      plan_harvest(options, opened.runtime, freeze || opened.core != nullptr, look.snapshot);
  snapshot::Snapshot& snapshot = look.snapshot;
  snapshot.source = opened.source;
  snapshot.source.stop = freeze ? options.stop : snapshot::StopMode::none;
  snapshot.phases = opened.phases;
  snapshot.completeness.notes = opened.notes;
  if (opened.live != nullptr)
    snapshot.source.taken_unix_ns =
        std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
  std::optional<target::ShortTurns> turns;
  if (opened.live != nullptr && !freeze) turns.emplace();  // while it is stopped, haste is kinder
  Stopwatch watch(opened.memory.get(), snapshot.phases);
  const auto begin = Clock::now();
  {
    std::optional<target::StoppedThreads> stopped;
    if (freeze) {
      CS_TRY(auto threads, target::StoppedThreads::stop(opened.live->pid()));
      stopped.emplace(std::move(threads));
      watch.lap("stopping");
    }
    std::span<const target::ThreadRegisters> threads;
    if (stopped) threads = stopped->registers();
    if (opened.core != nullptr) threads = opened.core->threads();
    CS_CHECK(read_goroutines(look, watch, threads));
    stopped.reset();
    if (freeze) snapshot.source.stopped_ns = ns_since(begin);
  }
  read_gc_cycles(opened.runtime, snapshot.completeness);
  if (look.plan.labels)
    snapshot.source.prints_labels =
        read_debug_setting(opened.runtime, "tracebacklabels").value_or(0) == 1;
  snapshot.source.read_ns = ns_since(begin);
  add_notes(look);
  CS_CHECK(finish(look));
  watch.lap("names");
  const bool misses_some = snapshot.completeness.unreadable > 0;
  if (opened.live != nullptr &&
      opened.live->ends_within(misses_some ? target::LiveMemory::kDyingMs : 0))
    return fail(ErrorCode::gone,
                fmt::format("process {} ended while it was read", opened.live->pid()));
  return std::move(snapshot);
}

}  // namespace chanspect::capture
