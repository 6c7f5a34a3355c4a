#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace chanspect {

using StringId = std::uint32_t;  ///< 0 is always the empty string

/// Interned strings: equal texts share one id, ids are dense and never change.
class StringTable {
 public:
  StringTable() { add({}); }
  StringTable(const StringTable&) = delete;
  StringTable& operator=(const StringTable&) = delete;
  StringTable(StringTable&&) noexcept = default;
  StringTable& operator=(StringTable&&) noexcept = default;
  ~StringTable() = default;

  StringId add(std::string_view text) {
    if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
    const auto id = static_cast<StringId>(texts_.size());
    ids_.emplace(texts_.emplace_back(text), id);
    return id;
  }

  /// The text of an id; the empty string for one that was never given out.
  std::string_view operator[](StringId id) const {
    return id < texts_.size() ? std::string_view(texts_[id]) : std::string_view();
  }

  std::size_t size() const { return texts_.size(); }

 private:
  std::deque<std::string> texts_;  // a deque: growing it leaves the keys' views valid
  std::unordered_map<std::string_view, StringId> ids_;
};

}  // namespace chanspect
