#include "capture/running.h"

#include <unordered_map>

#include "capture/g_facts.h"

namespace chanspect::capture {
namespace {

/// A thread on its system stack (its sp is not on the goroutine's) has left the goroutine at
/// g.sched: systemstack, mcall and morestack (asm_amd64.s) save it there. One in a signal handler
/// has not, and says nothing: only the stack of m.g0 counts as the system stack.
go::UnwindStart unwind_start(const Runtime& runtime, const GFacts& g, const ThreadOfM& thread,
                             const target::ThreadRegisters& registers) {
  go::UnwindStart start;
  start.stack_hi = g.stack_hi;
  const auto on_stack = [&](Address sp) { return sp >= g.stack_lo && sp < g.stack_hi; };
  if (on_stack(registers.sp)) {
    start.pc = registers.pc;
    start.sp = registers.sp;
    start.exact_pc = true;
    return start;
  }
  using L = go::GLayout;
  std::vector<std::byte> bytes(runtime.layout.g.size);
  if (thread.g0 == 0 || !runtime.memory->read(thread.g0, bytes)) return {};
  const go::Structure g0(bytes, runtime.layout.g);
  const bool on_g0 = registers.sp >= g0[&L::stack_lo] && registers.sp < g0[&L::stack_hi];
  if (!on_g0 || !on_stack(g.sched_sp)) return {};
  start.pc = g.sched_pc;
  start.sp = g.sched_sp;
  return start;
}

}  // namespace

Result<void> trace_running_goroutines(Look& look,
                                      std::span<const target::ThreadRegisters> threads) {
  const Runtime& runtime = *look.runtime;
  std::unordered_map<Address, const target::ThreadRegisters*> running;  // by g
  for (const auto& registers : threads)
    if (const ThreadOfM* m = look.plan.threads.by_tid(static_cast<std::uint32_t>(registers.own_tid));
        m != nullptr && m->current_g != 0)
      running[m->current_g] = &registers;

  std::vector<std::byte> bytes(runtime.layout.g.size);
  for (std::uint32_t i = 0; i < look.snapshot.goroutines.size() && !running.empty(); ++i) {
    snapshot::Goroutine& row = look.snapshot.goroutines[i];
    if (row.status != snapshot::Status::running || !running.contains(row.address)) continue;
    const target::ThreadRegisters& registers = *running[row.address];
    if (!runtime.memory->read(row.address, bytes)) continue;
    const GFacts g = parse_g(row.address, bytes, runtime.layout.g);
    const ThreadOfM& thread = *look.plan.threads.by_tid(static_cast<std::uint32_t>(registers.own_tid));
    const go::UnwindStart start = unwind_start(runtime, g, thread, registers);
    if (start.sp == 0) continue;
    CS_CHECK(look.harvesters.front()->trace_running(start, row, look.snapshot.argument_words));
    if (look.harvester_number(i) != 0) look.reread[i] = 0;
  }
  return {};
}

}  // namespace chanspect::capture
