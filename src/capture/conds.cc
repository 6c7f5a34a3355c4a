#include "capture/conds.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "capture/g_facts.h"
#include "capture/gather.h"

namespace chanspect::capture {
namespace {

constexpr std::uint32_t kWindow = 512;  // gopark, notifyListWait and Wait take less
constexpr std::uint32_t kListSize = 32, kListHead = 16, kListTail = 24;
constexpr std::size_t kMostOnList = 1U << 20;
constexpr std::size_t kMostLists = 20'000;

struct Found {
  Address list = 0, sudog = 0;
};

class CondFinder {
 public:
  CondFinder(const Runtime& runtime, snapshot::Snapshot& snapshot)
      : runtime_(&runtime), snapshot_(&snapshot) {}

  Result<void> find_all() {
    const std::size_t rows = snapshot_->goroutines.size();
    for (std::uint32_t row = 0; row < rows && lists_.size() < kMostLists; ++row) {
      const snapshot::Goroutine& goroutine = snapshot_->goroutines[row];
      if (!goroutine.settled || goroutine.kind != snapshot::WaitKind::cond ||
          goroutine.wait_count != 0)
        continue;
      if (!by_g_.contains(goroutine.address)) CS_CHECK(search_stack(goroutine.address));
      if (const auto found = by_g_.find(goroutine.address); found != by_g_.end())
        add_wait(row, found->second);
    }
    return {};
  }

 private:
  /// Looks for notifyLists in the stack; whoever is on one is noted.
  Result<void> search_stack(Address g) {
    Gather pieces(*runtime_->memory);
    pieces.add(g, facts_size(runtime_->layout.g));
    CS_CHECK(pieces.read());
    const GFacts facts = parse_g(g, pieces[0], runtime_->layout.g);
    if (!facts.parked() || facts.sched_sp >= facts.stack_hi) return {};
    const auto size = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(kWindow, facts.stack_hi - facts.sched_sp));
    const auto stack = pieces.add(facts.sched_sp, size);
    CS_CHECK(pieces.read());

    std::vector<Address> candidates;
    for (std::uint32_t at = 0; at + 8 <= pieces[stack].size(); at += 8) {
      const Address word = load<Address>(pieces[stack], at).value_or(0);
      const bool on_stack = word >= facts.stack_lo && word < facts.stack_hi;
      if (word > 4096 && word % 8 == 0 && !on_stack && tried_.insert(word).second)
        candidates.push_back(word);
    }
    Gather lists(*runtime_->memory);
    for (const Address candidate : candidates) lists.add(candidate, kListSize);
    CS_CHECK(lists.read());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const Bytes list = lists[static_cast<Gather::Piece>(i)];
      const Address head = load<Address>(list, kListHead).value_or(0);
      const Address tail = load<Address>(list, kListTail).value_or(0);
      if (head != 0 && tail != 0) CS_CHECK(walk(candidates[i], head, tail));
    }
    return {};
  }

  /// A chain of sudogs, on no channel, from head to tail: a notifyList's.
  Result<void> walk(Address list, Address head, Address tail) {
    using L = go::SudogLayout;
    std::vector<std::byte> bytes(runtime_->layout.sudog.size);
    std::vector<std::pair<Address, Found>> on_list;
    for (Address at = head; at != 0 && on_list.size() < kMostOnList;) {
      const auto got = runtime_->memory->read(at, bytes);
      if (!got && got.error().code != ErrorCode::unreadable) return got;
      if (!got) return {};
      const go::Structure sudog(bytes, runtime_->layout.sudog);
      if (sudog[&L::g] == 0 || sudog[&L::c] != 0 || sudog[&L::is_select] != 0) return {};
      on_list.emplace_back(sudog[&L::g], Found{list, at});
      const Address next = sudog[&L::next];
      if (next == 0 && at == tail) {
        by_g_.insert(on_list.begin(), on_list.end());
        lists_.insert(list);
        return {};
      }
      at = next;
    }
    return {};
  }

  void add_wait(std::uint32_t row, const Found& found) {
    snapshot::Goroutine& goroutine = snapshot_->goroutines[row];
    goroutine.first_wait = static_cast<std::uint32_t>(snapshot_->waits.size());
    goroutine.wait_count = 1;
    snapshot::Wait& wait = snapshot_->waits.emplace_back();
    wait.object = found.list - kCondNotifyOffset;
    wait.sudog = found.sudog;
    wait.goroutine = row;
  }

  const Runtime* runtime_;
  snapshot::Snapshot* snapshot_;
  std::unordered_map<Address, Found> by_g_;
  std::unordered_set<Address> tried_, lists_;
};

}  // namespace

Result<void> find_conds(const Runtime& runtime, snapshot::Snapshot& snapshot) {
  return CondFinder(runtime, snapshot).find_all();
}

}  // namespace chanspect::capture
