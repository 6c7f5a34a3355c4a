#include "capture/running.h"

#include <unordered_map>

#include "capture/g_facts.h"
#include "capture/signal_frame.h"

namespace chanspect::capture {
namespace {

/// The bounds of the stack of another g, a thread's g0 or gsignal; none where it cannot be read.
SignalStack stack_of(const Runtime& runtime, Address other) {
  using L = go::GLayout;
  std::vector<std::byte> bytes(runtime.layout.g.size);
  if (other == 0 || !runtime.memory->read(other, bytes)) return {};
  const go::Structure g(bytes, runtime.layout.g);
  return {g[&L::stack_lo], g[&L::stack_hi]};
}

/// A goroutine whose thread is in the vDSO left it where nanotime1 or walltime1 noted, a thread on
/// another stack than the goroutine's at g.sched: systemstack, mcall, morestack and asmcgocall
/// (asm_amd64.s) save it there.
go::UnwindStart unwind_start(const Runtime& runtime, const GFacts& g, const ThreadOfM& thread,
                             const target::ThreadRegisters& stopped) {
  const SignalStack signal_stack = stack_of(runtime, thread.gsignal);
  const target::ThreadRegisters registers =
      interrupted(*runtime.memory, stopped, signal_stack, runtime.layout.release.arch);
  const auto on_stack = [&](Address sp) { return sp >= g.stack_lo && sp < g.stack_hi; };
  go::UnwindStart start;
  start.stack_hi = g.stack_hi;
  if (on_stack(thread.vdso_sp)) {
    start.pc = thread.vdso_pc;
    start.sp = thread.vdso_sp;
  } else if (on_stack(registers.sp)) {
    start.pc = registers.pc;
    start.sp = registers.sp;
    start.lr = registers.lr;
    start.exact_pc = true;
  } else if (registers.sp < signal_stack.lo || registers.sp >= signal_stack.hi) {
    if (!on_stack(g.sched_sp)) return {};
    start.pc = g.sched_pc;
    start.sp = g.sched_sp;
    start.lr = g.sched_lr;
  }
  return start;
}

}  // namespace

Result<void> trace_running_goroutines(Look& look,
                                      std::span<const target::ThreadRegisters> threads) {
  const Runtime& runtime = *look.runtime;
  std::unordered_map<Address, const target::ThreadRegisters*> running;  // by g
  for (const auto& registers : threads)
    if (const ThreadOfM* m =
            look.plan.threads.by_tid(static_cast<std::uint32_t>(registers.own_tid));
        m != nullptr && m->current_g != 0)
      running[m->current_g] = &registers;

  std::vector<std::byte> bytes(runtime.layout.g.size);
  for (std::uint32_t i = 0; i < look.snapshot.goroutines.size() && !running.empty(); ++i) {
    snapshot::Goroutine& row = look.snapshot.goroutines[i];
    if (row.status != snapshot::Status::running || !running.contains(row.address)) continue;
    const target::ThreadRegisters& registers = *running[row.address];
    if (!runtime.memory->read(row.address, bytes)) continue;
    const GFacts g = parse_g(row.address, bytes, runtime.layout.g);
    const ThreadOfM& thread =
        *look.plan.threads.by_tid(static_cast<std::uint32_t>(registers.own_tid));
    const go::UnwindStart start = unwind_start(runtime, g, thread, registers);
    if (start.sp == 0) continue;
    CS_CHECK(look.harvesters.front()->trace_running(start, row, look.snapshot.argument_words));
    if (look.harvester_number(i) != 0) look.reread[i] = 0;
  }
  return {};
}

}  // namespace chanspect::capture
