#include "analysis/goroutines.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "analysis/census.h"
#include "analysis/channels.h"
#include "analysis/frames.h"
#include "analysis/words.h"

namespace chanspect::analysis {
namespace {

using snapshot::Goroutine;
using snapshot::Snapshot;

using Marks = std::vector<std::uint8_t>;  ///< by id; empty: the condition was not asked for

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool names_state(const std::string& asked, snapshot::Status status) {
  const std::string word = lower(asked);
  return word == lower(name_of(status)) || word == word_of(status);
}

bool has_label(const Snapshot& snapshot, const snapshot::Labels& labels, std::string_view asked) {
  const std::size_t equals = asked.find('=');
  const std::string_view key = asked.substr(0, equals);
  return std::ranges::any_of(labels, [&](const auto& label) {
    return snapshot.strings[label.first] == key &&
           (equals == std::string_view::npos ||
            snapshot.strings[label.second] == asked.substr(equals + 1));
  });
}

Marks mark_reasons(const Snapshot& snapshot, const std::vector<std::string>& asked) {
  Marks marks(snapshot.strings.size());
  for (StringId id = 0; id < marks.size(); ++id) {
    const std::string reason = lower(snapshot.strings[id]);
    marks[id] = std::ranges::any_of(asked, [&](const std::string& part) {
      return !reason.empty() && reason.find(lower(part)) != std::string::npos;
    });
  }
  return marks;
}

Marks mark_labels(const Snapshot& snapshot, const std::vector<std::string>& asked) {
  Marks marks(snapshot.labels.size());
  for (std::size_t id = 0; id < marks.size(); ++id)
    marks[id] = std::ranges::any_of(asked, [&](const std::string& label) {
      return has_label(snapshot, snapshot.labels[id], label);
    });
  return marks;
}

Marks mark_waiters(const Snapshot& snapshot, snapshot::Address channel) {
  Marks marks(snapshot.goroutines.size());
  const auto id = find_channel(snapshot, channel);
  if (!id) return marks;
  for (const snapshot::Wait& wait : snapshot.waits)
    if (wait.channel == *id) marks[wait.goroutine] = 1;
  return marks;
}

bool marked(const Marks& marks, std::uint32_t id) {
  return id < marks.size() && marks[id] != 0;
}

/// A query with all its texts looked up once, so that a goroutine costs a few array reads.
class Filter {
 public:
  Filter(const Snapshot& snapshot, const GoroutineQuery& query) : query_(&query) {
    if (!query.states.empty()) mark_states(query.states);
    if (!query.reasons.empty()) reasons_ = mark_reasons(snapshot, query.reasons);
    if (!query.functions.empty())
      stacks_ = stacks_with(snapshot, frames_naming(snapshot, query.functions));
    if (!query.labels.empty()) labels_ = mark_labels(snapshot, query.labels);
    if (!query.created_by.empty()) creators_ = frames_naming(snapshot, query.created_by);
    if (query.channel) waiters_ = mark_waiters(snapshot, *query.channel);
    ids_.insert(query.ids.begin(), query.ids.end());
  }

  bool passes(const Goroutine& goroutine, std::uint32_t index) const {
    const GoroutineQuery& query = *query_;
    if (!ids_.empty()) {
      if (!ids_.contains(goroutine.id)) return false;
    } else if (goroutine.system && !query.with_system) {
      return false;
    }
    if (!query.states.empty() && !marked(states_, static_cast<std::uint32_t>(goroutine.status)))
      return false;
    return !asks_for_more() || (goroutine.settled && passes_settled(goroutine, index));
  }

 private:
  void mark_states(const std::vector<std::string>& asked) {
    states_.resize(256);
    for (unsigned number = 0; number < states_.size(); ++number)
      states_[number] = std::ranges::any_of(asked, [&](const std::string& word) {
        return names_state(word, static_cast<snapshot::Status>(number));
      });
  }

  /// Anything beyond id and state can be asked only of a row that is one moment's.
  bool asks_for_more() const {
    const GoroutineQuery& query = *query_;
    return query.blocked_only || query.older_than_ns > 0 || query.channel ||
           !query.reasons.empty() || !query.functions.empty() || !query.labels.empty() ||
           !query.created_by.empty();
  }

  bool passes_settled(const Goroutine& goroutine, std::uint32_t index) const {
    const GoroutineQuery& query = *query_;
    if (query.blocked_only && !is_blocked(goroutine)) return false;
    if (query.older_than_ns > 0 && goroutine.wait_ns < query.older_than_ns) return false;
    if (query.channel && !marked(waiters_, index)) return false;
    if (!query.reasons.empty() && !marked(reasons_, goroutine.reason)) return false;
    if (!query.functions.empty() && !marked(stacks_, goroutine.stack)) return false;
    if (!query.labels.empty() && !marked(labels_, goroutine.labels)) return false;
    return query.created_by.empty() || marked(creators_, goroutine.creator);
  }

  const GoroutineQuery* query_;
  Marks states_, reasons_, stacks_, labels_, creators_, waiters_;
  std::unordered_set<std::uint64_t> ids_;
};

}  // namespace

std::vector<std::uint32_t> filter_goroutines(const Snapshot& snapshot,
                                             const GoroutineQuery& query) {
  const Filter filter(snapshot, query);
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < snapshot.goroutines.size(); ++i)
    if (filter.passes(snapshot.goroutines[i], i)) found.push_back(i);
  return found;
}

std::vector<std::uint32_t> select_goroutines(const Snapshot& snapshot,
                                             const GoroutineQuery& query) {
  std::vector<std::uint32_t> found = filter_goroutines(snapshot, query);
  struct Key {
    std::uint64_t id = 0;
    std::uint32_t index = 0;
  };
  std::vector<Key> keys(found.size());
  std::ranges::transform(found, keys.begin(), [&](std::uint32_t index) {
    return Key{snapshot.goroutines[index].id, index};
  });
  if (!std::ranges::is_sorted(keys, {}, &Key::id)) std::ranges::stable_sort(keys, {}, &Key::id);
  std::ranges::transform(keys, found.begin(), &Key::index);
  return found;
}

}  // namespace chanspect::analysis
