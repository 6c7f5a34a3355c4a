#include "capture/last_moment.h"

#include <algorithm>
#include <vector>

namespace chanspect::capture {
namespace {

constexpr std::uint64_t kMostProcessors = 1 << 16;

std::int64_t word_at(const target::Memory& memory, Address address) {
  return target::read_value<std::int64_t>(memory, address).value_or(0);
}

std::vector<Address> processors(const Runtime& runtime) {
  struct Slice {
    Address address = 0;
    std::uint64_t length = 0;
  };
  std::vector<Address> all;
  if (runtime.variables.allp == 0) return all;
  const auto slice = target::read_value<Slice>(*runtime.memory, runtime.variables.allp);
  if (!slice || slice->length > kMostProcessors) return all;
  all.resize(slice->length);
  if (!runtime.memory->read(slice->address, std::as_writable_bytes(std::span(all)))) all.clear();
  return all;
}

}  // namespace

std::int64_t last_moment_ns(const Runtime& runtime) {
  const go::RuntimeLayout& layout = runtime.layout;
  const target::Memory& memory = *runtime.memory;
  std::int64_t last = 0;
  const auto consider = [&](Address object, const go::I64& field) {
    if (object != 0 && field.present())
      last = std::max(last, word_at(memory, object + field.offset));
  };
  consider(runtime.variables.sched, layout.sched.lastpoll);
  consider(runtime.variables.memstats, layout.mstats.last_gc);
  for (const Address p : processors(runtime)) {
    consider(p, layout.p.sched_when);
    consider(p, layout.p.syscall_when);
  }
  return last;
}

}  // namespace chanspect::capture
