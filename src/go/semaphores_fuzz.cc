// The table of semaphores and its treaps from arbitrary memory, which begins with the table.

#include <cstddef>
#include <cstdint>

#include "../tests/fuzz/bytes_memory.h"
#include "go/semaphores.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chanspect;
  constexpr Address kBase = 0x400000;
  if (size < 1) return 0;
  go::Release release;
  release.minor = 19 + data[0] % 9;
  auto layout = go::layout_from_table(release);
  if (!layout) return 0;
  layout->sema_root.stride = 16;  // so that the table fits a small input
  const Bytes bytes = std::as_bytes(std::span(data, size)).subspan(1);
  const fuzz::BytesMemory memory(kBase, bytes);
  const auto waiters = go::read_semaphores(memory, *layout, kBase);
  if (waiters && waiters->size() > bytes.size()) __builtin_trap();
  return 0;
}
