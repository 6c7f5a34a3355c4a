#include "go/layout_fields.h"

#include <array>
#include <string>

namespace chanspect::go {
namespace {

enum class Presence : bool { always, some_releases };
using enum Presence;

/// One field: where its offset goes, its name in the runtime and, where a release calls it
/// otherwise, the name to try first.
struct FieldName {
  std::uint32_t* offset;
  std::string_view path;
  Presence presence = always;
  const char* newer_path = nullptr;
};

Result<void> fill(const LayoutSource& source, std::string_view structure, std::uint32_t& size,
                  std::initializer_list<FieldName> fields) {
  const auto missing = [&](std::string_view what) {
    return fail(ErrorCode::unknown_release, "cannot place the fields of the Go runtime",
                "runtime." + std::string(what) + " is not to be found");
  };
  if (const auto found = source.size(structure)) {
    size = *found;
  } else {
    return missing(structure);
  }
  for (const FieldName& field : fields) {
    std::optional<std::uint32_t> offset;
    if (field.newer_path != nullptr) offset = source.offset(structure, field.newer_path);
    if (!offset) offset = source.offset(structure, field.path);
    if (!offset && field.presence == always)
      return missing(std::string(structure).append(".").append(field.path));
    *field.offset = offset.value_or(U64::kAbsent);
  }
  return {};
}

Result<void> fill_g(const LayoutSource& source, GLayout& g) {
  return fill(source, "g", g.size,
              {{&g.stack_lo.offset, "stack.lo"},
               {&g.stack_hi.offset, "stack.hi"},
               {&g.m.offset, "m"},
               {&g.sched_sp.offset, "sched.sp"},
               {&g.sched_pc.offset, "sched.pc"},
               {&g.sched_g.offset, "sched.g"},
               {&g.sched_lr.offset, "sched.lr"},
               {&g.sched_bp.offset, "sched.bp"},
               {&g.syscallsp.offset, "syscallsp"},
               {&g.syscallpc.offset, "syscallpc"},
               {&g.syscallbp.offset, "syscallbp", some_releases},  // from 1.23
               {&g.stktopsp.offset, "stktopsp", some_releases},
               {&g.param.offset, "param", some_releases},
               {&g.goid.offset, "goid"},
               {&g.schedlink.offset, "schedlink", some_releases},
               {&g.gopc.offset, "gopc"},
               {&g.startpc.offset, "startpc"},
               {&g.waiting.offset, "waiting"},
               {&g.labels.offset, "labels"},
               {&g.parent_goid.offset, "parentGoid", some_releases},  // from 1.21
               {&g.lockedm.offset, "lockedm"},
               {&g.ancestors.offset, "ancestors", some_releases},
               {&g.atomicstatus.offset, "atomicstatus"},
               {&g.select_done.offset, "selectDone"},
               {&g.waitsince.offset, "waitsince"},
               {&g.waitreason.offset, "waitreason"},
               {&g.parking_on_chan.offset, "parkingOnChan"},
               {&g.active_stack_chans.offset, "activeStackChans", some_releases},
               {&g.tracking_seq.offset, "trackingSeq", some_releases},
               {&g.async_safe_point.offset, "asyncSafePoint", some_releases},
               {&g.bubble.offset, "syncGroup", some_releases, "bubble"}});
}

/// From 1.26 elem and c are a pair {vp, vu} of which vp may be hidden from the collector; vu is
/// always the truth (runtime2.go: maybeTraceablePtr).
Result<void> fill_sudog(const LayoutSource& source, SudogLayout& sudog) {
  return fill(source, "sudog", sudog.size,
              {{&sudog.g.offset, "g"},
               {&sudog.next.offset, "next"},
               {&sudog.prev.offset, "prev"},
               {&sudog.elem.offset, "elem", always, "elem.vu"},
               {&sudog.parent.offset, "parent"},
               {&sudog.waitlink.offset, "waitlink"},
               {&sudog.waittail.offset, "waittail"},
               {&sudog.c.offset, "c", always, "c.maybeTraceablePtr.vu"},
               {&sudog.ticket.offset, "ticket"},
               {&sudog.is_select.offset, "isSelect"},
               {&sudog.success.offset, "success"}});
}

Result<void> fill_hchan(const LayoutSource& source, HchanLayout& hchan) {
  return fill(source, "hchan", hchan.size,
              {{&hchan.qcount.offset, "qcount"},
               {&hchan.dataqsiz.offset, "dataqsiz"},
               {&hchan.buf.offset, "buf"},
               {&hchan.elemtype.offset, "elemtype"},
               {&hchan.sendx.offset, "sendx"},
               {&hchan.recvx.offset, "recvx"},
               {&hchan.recvq_first.offset, "recvq.first"},
               {&hchan.recvq_last.offset, "recvq.last"},
               {&hchan.sendq_first.offset, "sendq.first"},
               {&hchan.sendq_last.offset, "sendq.last"},
               {&hchan.timer.offset, "timer", some_releases},  // from 1.23
               {&hchan.lock_key.offset, "lock.key"},
               {&hchan.elemsize.offset, "elemsize"},
               {&hchan.closed.offset, "closed"}});
}

Result<void> fill_m(const LayoutSource& source, MLayout& m) {
  return fill(source, "m", m.size,
              {{&m.g0.offset, "g0"},
               {&m.gsignal.offset, "gsignal"},
               {&m.vdso_sp.offset, "vdsoSP", some_releases},
               {&m.vdso_pc.offset, "vdsoPC", some_releases},
               {&m.curg.offset, "curg"},
               {&m.p.offset, "p"},
               {&m.procid.offset, "procid"},
               {&m.alllink.offset, "alllink"},
               {&m.lockedg.offset, "lockedg"},
               {&m.incgo.offset, "incgo"},
               {&m.ncgo.offset, "ncgo"}});
}

Result<void> fill_p(const LayoutSource& source, PLayout& p) {
  return fill(source, "p", p.size,
              {{&p.id.offset, "id"},
               {&p.status.offset, "status"},
               {&p.schedtick.offset, "schedtick"},
               {&p.m.offset, "m"},
               {&p.sched_when.offset, "sysmontick.schedwhen", some_releases},
               {&p.syscall_when.offset, "sysmontick.syscallwhen", some_releases},
               {&p.timers.offset, "timers", always, "timers.heap"}});  // heap from 1.23
}

Result<void> fill_timer(const LayoutSource& source, TimerLayout& timer) {
  return fill(source, "timer", timer.size,
              {{&timer.arg.offset, "arg"},
               {&timer.status.offset, "status", some_releases},  // up to 1.22
               {&timer.state.offset, "state", some_releases}});  // from 1.23
}

Result<void> fill_sema_root(const LayoutSource& source, SemaRootLayout& root) {
  CS_CHECK(fill(source, "semaRoot", root.size,
                {{&root.treap.offset, "treap"}, {&root.nwait.offset, "nwait"}}));
  const std::uint32_t table_size = source.variable_size("semtable").value_or(0);
  root.stride = table_size / SemaRootLayout::kTableSize;
  if (root.stride < root.size || table_size % SemaRootLayout::kTableSize != 0)
    return fail(ErrorCode::unknown_release, "cannot place the fields of the Go runtime",
                "runtime.semtable has an unknown form");
  return {};
}

/// Absent from releases before 1.24, and from the DWARF of a program that has no use for it.
void place_bubble(const LayoutSource& source, BubbleLayout& bubble) {
  bubble.id.offset = source.offset("synctestBubble", "id").value_or(U64::kAbsent);
  bubble.root.offset = source.offset("synctestGroup", "root").value_or(U64::kAbsent);
}

Result<void> fill_mstats(const LayoutSource& source, MstatsLayout& mstats) {
  return fill(source, "mstats", mstats.size,
              {{&mstats.numgc.offset, "numgc"},
               {&mstats.last_gc.offset, "last_gc_nanotime", some_releases}});
}

Result<void> fill_sched(const LayoutSource& source, SchedLayout& sched) {
  return fill(source, "schedt", sched.size,
              {{&sched.lastpoll.offset, "lastpoll", some_releases},
               {&sched.mnext.offset, "mnext", some_releases}});
}

}  // namespace

Result<void> fill_layout(const LayoutSource& source, RuntimeLayout& layout) {
  CS_CHECK(fill_g(source, layout.g));
  CS_CHECK(fill_sudog(source, layout.sudog));
  CS_CHECK(fill_hchan(source, layout.hchan));
  CS_CHECK(fill_m(source, layout.m));
  CS_CHECK(fill_p(source, layout.p));
  CS_CHECK(fill_timer(source, layout.timer));
  CS_CHECK(fill_sema_root(source, layout.sema_root));
  CS_CHECK(fill_mstats(source, layout.mstats));
  CS_CHECK(fill_sched(source, layout.sched));
  place_bubble(source, layout.bubble);
  return {};
}

}  // namespace chanspect::go
