#include "capture/threads.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <span>

namespace chanspect::capture {
namespace {

constexpr std::size_t kMostThreads = 100'000;  // debug.SetMaxThreads defaults to 10,000

}  // namespace

ThreadList::ThreadList(std::vector<ThreadOfM> threads) : threads_(std::move(threads)) {
  std::ranges::sort(threads_, {}, &ThreadOfM::m);
}

std::uint32_t ThreadList::tid_of(Address m) const {
  const auto found = std::ranges::lower_bound(threads_, m, {}, &ThreadOfM::m);
  return found != threads_.end() && found->m == m ? found->tid : 0;
}

const ThreadOfM* ThreadList::by_tid(std::uint32_t tid) const {
  const auto found = std::ranges::find(threads_, tid, &ThreadOfM::tid);
  return found == threads_.end() ? nullptr : &*found;
}

Result<ThreadList> read_threads(const Runtime& runtime) {
  std::vector<ThreadOfM> threads;
  if (runtime.variables.allm == 0) return ThreadList();
  const go::MLayout& layout = runtime.layout.m;
  std::vector<std::byte> bytes(layout.size);
  const auto at = [&](const go::U64& field) { return load<std::uint64_t>(bytes, field.offset); };

  auto next = target::read_value<Address>(*runtime.memory, runtime.variables.allm);
  while (next && *next != 0 && threads.size() < kMostThreads) {
    const Address m = *next;
    if (auto got = runtime.memory->read(m, bytes); !got) {
      if (got.error().code != ErrorCode::unreadable) return std::unexpected(got.error());
      break;
    }
    const std::uint64_t tid = at(layout.procid).value_or(0);
    threads.push_back({.m = m,
                       .g0 = at(layout.g0).value_or(0),
                       .gsignal = at(layout.gsignal).value_or(0),
                       .current_g = at(layout.curg).value_or(0),
                       .vdso_pc = at(layout.vdso_pc).value_or(0),
                       .vdso_sp = at(layout.vdso_sp).value_or(0),
                       .tid = tid <= std::numeric_limits<std::int32_t>::max()
                                  ? static_cast<std::uint32_t>(tid)
                                  : 0});
    next = at(layout.alllink).value_or(0);
  }
  if (!next && next.error().code != ErrorCode::unreadable)
    return std::unexpected(std::move(next).error());
  return ThreadList(std::move(threads));
}

}  // namespace chanspect::capture
