// Moduledata, pclntab and stacks from arbitrary memory. The input's first byte is the release's
// minor, the second the architecture, the next two are skipped; the rest is the target's memory,
// which begins with the first moduledata and also serves as a stack.

#include <cstddef>
#include <cstdint>
#include <set>

#include "../tests/fuzz/bytes_memory.h"
#include "go/function_table.h"
#include "go/module.h"
#include "go/traceback.h"

namespace {

using namespace chanspect;

constexpr Address kBase = 0x400000;

std::size_t look_at(const go::FunctionTable& functions, Address pc) {
  std::size_t sum = 0;
  const auto function = functions.find(pc);
  if (!function) return 0;
  if (function->entry > pc && function->name.empty()) ++sum;
  sum += static_cast<std::size_t>(functions.sp_delta(*function, pc).value_or(0));
  for (const auto& frame : functions.source_frames(*function, pc))
    sum += frame.function.size() + frame.file.size();
  const auto arguments = functions.arguments(*function, pc);
  std::size_t words = 0;
  for (const char c : arguments.text) words += c == '\x01' || c == '\x02' ? 1 : 0;
  if (words != arguments.words.size()) __builtin_trap();
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  go::Release release;
  release.minor = 18 + data[0] % 10;
  release.arch = (data[1] & 1) != 0 ? go::Arch::arm64 : go::Arch::amd64;
  const Bytes bytes = std::as_bytes(std::span(data, size)).subspan(4);
  const fuzz::BytesMemory memory(kBase, bytes);
  auto modules = go::read_modules(memory, kBase, release);
  if (!modules) return 0;
  std::set<Address> pcs;
  for (const auto& module : *modules)
    for (Address step = 0; step < 64; ++step) pcs.insert(module.text + step);
  const auto functions = go::FunctionTable::load(memory, std::move(*modules), release);
  if (!functions) return 0;

  std::size_t sum = 0;
  for (const Address pc : pcs) sum += look_at(*functions, pc);
  if (functions->find_by_name("main.main")) ++sum;

  go::StackTrie trie(*functions);
  std::vector<std::uint64_t> words;
  std::vector<go::StackTrie::NodeId> nodes;
  for (const Address pc : pcs)
    for (const auto depth : {go::StackDepth::site, go::StackDepth::full}) {
      const go::UnwindStart start{pc,
                                  kBase,
                                  kBase + bytes.size() + 64,
                                  (pc & 1) != 0,
                                  (pc & 2) != 0,
                                  (pc & 8) != 0 ? pc - 8 : 0};
      const auto outcome =
          trie.trace(start, {kBase, bytes}, depth, (pc & 4) != 0 ? &words : nullptr);
      if (outcome.node != go::StackTrie::kNoNode) nodes.push_back(outcome.node);
    }
  snapshot::Snapshot snapshot;
  const auto ids = trie.add_to(snapshot);
  for (const auto node : nodes)
    if (ids.at(node) >= snapshot.stacks.size()) __builtin_trap();
  for (const auto& stack : snapshot.stacks)
    if (stack.count == 0 || stack.site >= stack.count ||
        stack.first + stack.count > snapshot.stack_frames.size())
      __builtin_trap();
  return sum == ~std::size_t{0} ? 1 : 0;  // so that the reads are not optimised away
}
