#include "capture/g_facts.h"

#include <algorithm>

namespace chanspect::capture {
namespace {

constexpr std::uint32_t kScanBit = 0x1000;  // runtime2.go: _Gscan

snapshot::Status known_status(std::uint32_t value) {
  using snapshot::Status;
  switch (value) {
    case 0:
      return Status::idle;
    case 1:
      return Status::runnable;
    case 2:
      return Status::running;
    case 3:
      return Status::syscall;
    case 4:
      return Status::waiting;
    case 6:
      return Status::dead;
    case 8:
      return Status::copystack;
    case 9:
      return Status::preempted;
    case 10:
      return Status::leaked;
    case 11:
      return Status::deadextra;
    default:
      return Status::unknown;
  }
}

template <class T>
void reach(std::uint32_t& size, const go::Field<T>& field) {
  if (field.present()) size = std::max(size, field.offset + static_cast<std::uint32_t>(sizeof(T)));
}

}  // namespace

GFacts parse_g(Address address, Bytes bytes, const go::GLayout& layout) {
  using L = go::GLayout;
  const go::Structure g(bytes, layout);
  GFacts facts;
  facts.address = address;
  facts.goid = g[&L::goid];
  facts.parent_goid = g[&L::parent_goid];
  facts.stack_lo = g[&L::stack_lo];
  facts.stack_hi = g[&L::stack_hi];
  facts.sched_sp = g[&L::sched_sp];
  facts.sched_pc = g[&L::sched_pc];
  facts.sched_lr = g[&L::sched_lr];
  facts.syscall_sp = g[&L::syscallsp];
  facts.syscall_pc = g[&L::syscallpc];
  facts.waiting = g[&L::waiting];
  facts.m = g[&L::m];
  facts.lockedm = g[&L::lockedm];
  facts.gopc = g[&L::gopc];
  facts.startpc = g[&L::startpc];
  facts.labels = g[&L::labels];
  facts.bubble = g[&L::bubble];
  facts.waitsince = g[&L::waitsince];
  facts.select_done = g[&L::select_done];
  const std::uint32_t status = g[&L::atomicstatus];
  facts.status = known_status(status & ~kScanBit);
  facts.scanning = (status & kScanBit) != 0;
  facts.parking_on_chan = g[&L::parking_on_chan] != 0;
  facts.wait_reason = g[&L::waitreason];
  facts.tracking_seq = g[&L::tracking_seq];
  return facts;
}

bool same_stop(const GFacts& a, const GFacts& b) {
  return a.status == b.status && a.goid == b.goid && a.tracking_seq == b.tracking_seq &&
         a.wait_reason == b.wait_reason && a.sched_sp == b.sched_sp && a.sched_pc == b.sched_pc &&
         a.sched_lr == b.sched_lr && a.syscall_sp == b.syscall_sp && a.syscall_pc == b.syscall_pc &&
         a.stack_lo == b.stack_lo && a.stack_hi == b.stack_hi && a.waiting == b.waiting &&
         a.m == b.m && a.lockedm == b.lockedm && a.labels == b.labels &&
         a.select_done == b.select_done && a.parking_on_chan == b.parking_on_chan;
}

std::uint32_t facts_size(const go::GLayout& layout) {
  std::uint32_t size = 0;
  for (const auto field :
       {layout.goid, layout.parent_goid, layout.stack_lo, layout.stack_hi, layout.sched_sp,
        layout.sched_pc, layout.sched_lr, layout.syscallsp, layout.syscallpc, layout.waiting,
        layout.m, layout.lockedm, layout.gopc, layout.startpc, layout.labels, layout.bubble})
    reach(size, field);
  reach(size, layout.waitsince);
  reach(size, layout.select_done);
  reach(size, layout.atomicstatus);
  for (const auto field : {layout.parking_on_chan, layout.waitreason, layout.tracking_seq})
    reach(size, field);
  return size;
}

}  // namespace chanspect::capture
