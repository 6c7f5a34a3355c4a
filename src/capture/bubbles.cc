#include "capture/bubbles.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "capture/gather.h"

namespace chanspect::capture {
namespace {

using snapshot::kNone;

constexpr int kFirstWithDurable = 25;

/// Reads one word at each address; 0 where there is none.
Result<std::vector<std::uint64_t>> read_words(const target::Memory& memory,
                                              std::span<const Address> addresses) {
  Gather gather(memory);
  for (const Address address : addresses) gather.add(address, sizeof(std::uint64_t));
  CS_CHECK(gather.read());
  std::vector<std::uint64_t> words;
  for (std::size_t i = 0; i < addresses.size(); ++i)
    words.push_back(load<std::uint64_t>(gather[static_cast<Gather::Piece>(i)], 0).value_or(0));
  return words;
}

std::vector<Address> moved_by(std::span<const Address> addresses, std::uint32_t offset) {
  std::vector<Address> moved;
  for (const Address address : addresses) moved.push_back(address == 0 ? 0 : address + offset);
  return moved;
}

/// runtime2.go: isIdleInSynctest, as far as the text does not say it already.
bool is_durable(std::string_view reason) {
  static constexpr std::string_view kDurable[] = {"chan receive (nil chan)",
                                                  "chan send (nil chan)",
                                                  "select (no cases)",
                                                  "sleep",
                                                  "sync.Cond.Wait",
                                                  "coroutine",
                                                  "synctest.Run",
                                                  "synctest.Wait"};
  return std::ranges::find(kDurable, reason) != std::end(kDurable);
}

}  // namespace

Result<std::vector<std::uint32_t>> read_bubbles(const Runtime& runtime,
                                                std::span<const Address> pointers,
                                                snapshot::Snapshot& snapshot) {
  std::vector<std::uint32_t> indices(pointers.size(), kNone);
  const go::RuntimeLayout& layout = runtime.layout;
  const bool has_id = layout.bubble.id.present();
  if (pointers.empty() || (!has_id && !layout.bubble.root.present())) return indices;
  const std::uint32_t first = has_id ? layout.bubble.id.offset : layout.bubble.root.offset;
  CS_TRY(auto numbers, read_words(*runtime.memory, moved_by(pointers, first)));
  if (!has_id) {
    CS_TRY(numbers, read_words(*runtime.memory, moved_by(numbers, layout.g.goid.offset)));
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == 0) continue;
    indices[i] = static_cast<std::uint32_t>(snapshot.bubbles.size());
    snapshot.bubbles.push_back(numbers[i]);
  }
  return indices;
}

void mark_durable_waits(const Runtime& runtime, snapshot::Snapshot& snapshot) {
  if (runtime.layout.release.minor < kFirstWithDurable || snapshot.bubbles.empty()) return;
  std::unordered_map<StringId, StringId> durable;
  for (snapshot::Goroutine& row : snapshot.goroutines) {
    if (row.bubble == kNone || row.reason == 0) continue;
    const auto [entry, is_new] = durable.try_emplace(row.reason, row.reason);
    if (is_new && is_durable(snapshot.strings[row.reason]))
      entry->second =
          snapshot.strings.add(std::string(snapshot.strings[row.reason]) + " (durable)");
    row.reason = entry->second;
  }
}

}  // namespace chanspect::capture
