// Names of types from arbitrary memory, which holds a module's types and types made at run time
// behind them. The input's first two bytes say where the module's types end.

#include <cstddef>
#include <cstdint>

#include "../tests/fuzz/bytes_memory.h"
#include "go/type_names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chanspect;
  constexpr Address kBase = 0x400000;
  if (size < 2) return 0;
  const Bytes bytes = std::as_bytes(std::span(data, size)).subspan(2);
  const fuzz::BytesMemory memory(kBase, bytes);
  go::Module module;
  module.types = kBase;
  module.etypes = kBase + (data[0] | data[1] << 8);
  std::size_t sum = 0;
  for (Address offset = 0; offset < bytes.size(); offset += 8)
    if (const auto name = go::type_name(memory, {module}, kBase + offset)) sum += name->size();
  return sum == ~std::size_t{0} ? 1 : 0;  // so that the reads are not optimised away
}
