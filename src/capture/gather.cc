#include "capture/gather.h"

#include <algorithm>
#include <cstring>

namespace chanspect::capture {
namespace {

constexpr std::uint64_t kJoinGap = 4096;      // a page more is cheaper than an iovec more
constexpr std::uint64_t kMostRun = 1U << 20;  // longer runs bring nothing

}  // namespace

void Gather::clear() {
  items_.clear();
  groups_.clear();
  runs_.clear();
  used_ = 0;
  read_items_ = 0;
}

Gather::Piece Gather::add(Address address, std::uint32_t size) {
  items_.push_back({address, size, kNotRead});
  return static_cast<Piece>(items_.size() - 1);
}

Result<void> Gather::read() {
  if (read_items_ == items_.size()) return {};
  const std::size_t first_run = runs_.size();
  order_.clear();
  groups_.push_back(items_.size());
  std::size_t begin = read_items_;
  for (const std::size_t end : groups_) {
    join_into_runs(begin, end);
    begin = end;
  }
  groups_.clear();
  CS_CHECK(read_runs(first_run));
  read_items_ = items_.size();
  return {};
}

void Gather::join_into_runs(std::size_t begin, std::size_t end) {
  const std::size_t first = order_.size();
  for (std::size_t i = begin; i < end; ++i)
    order_.emplace_back(items_[i].address, static_cast<Piece>(i));
  const std::span group = std::span(order_).subspan(first);
  if (!std::ranges::is_sorted(group)) std::ranges::sort(group);

  const std::size_t first_run = runs_.size();
  for (const auto& [address, piece] : group) {
    Item& item = items_[piece];
    const Address item_end = address + item.size;
    if (item_end < address) continue;  // wraps around: stays unread
    Run* last = runs_.size() > first_run ? &runs_.back() : nullptr;
    const bool joins = last != nullptr && address <= last->range.end() + kJoinGap &&
                       std::max(item_end, last->range.end()) - last->range.address <= kMostRun;
    if (!joins) {
      runs_.push_back({{address, 0}, used_, true});
      last = &runs_.back();
    }
    const std::uint64_t grown = std::max(item_end, last->range.end()) - last->range.end();
    last->range.size += grown;
    used_ += grown;
    item.at = last->at + (address - last->range.address);
  }
}

Result<void> Gather::read_runs(std::size_t first_run) {
  if (buffer_.size() < used_) buffer_.resize(std::max(used_, buffer_.size() * 2));
  if (first_run == runs_.size()) return {};
  ranges_.clear();
  for (std::size_t i = first_run; i < runs_.size(); ++i) ranges_.push_back(runs_[i].range);
  failed_.clear();
  const std::size_t begin = runs_[first_run].at;
  CS_CHECK(
      memory_->read_ranges(ranges_, std::span(buffer_).subspan(begin, used_ - begin), failed_));
  for (const std::uint32_t index : failed_) {
    Run& run = runs_[first_run + index];
    run.whole = false;
    CS_CHECK(read_one_by_one(run));
  }
  return {};
}

/// A run fails as a whole when any page of it, or of its gaps, is not mapped; most pieces are.
Result<void> Gather::read_one_by_one(const Run& run) {
  for (const auto& [address, piece] : order_) {
    Item& item = items_[piece];
    const bool in_run =
        item.at != kNotRead && item.at >= run.at && item.at < run.at + run.range.size;
    if (!in_run) continue;
    const auto got = memory_->read(item.address, std::span(buffer_).subspan(item.at, item.size));
    if (got) continue;
    if (got.error().code != ErrorCode::unreadable) return got;
    item.at = kNotRead;
  }
  return {};
}

Bytes Gather::operator[](Piece piece) const {
  if (piece >= items_.size() || items_[piece].at == kNotRead) return {};
  return Bytes(buffer_).subspan(items_[piece].at, items_[piece].size);
}

Bytes Gather::find(Address address, std::uint32_t size) const {
  for (const Run& run : runs_)
    if (run.whole && run.range.contains(address) && run.range.end() - address >= size)
      return Bytes(buffer_).subspan(run.at + (address - run.range.address), size);
  return {};
}

}  // namespace chanspect::capture
