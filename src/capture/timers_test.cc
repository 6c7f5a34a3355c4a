#include "capture/timers.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "fuzz/bytes_memory.h"

namespace chanspect::capture {
namespace {

constexpr Address kBase = 0x400000;
constexpr Address kAllp = kBase, kProcessors = kBase + 64, kProcessor = kBase + 4096;
constexpr std::size_t kSize = std::size_t{1} << 20;

/// Counts what it is asked for, whether it can be read or not.
class CountingMemory final : public target::Memory {
 public:
  explicit CountingMemory(Bytes bytes) : memory_(kBase, bytes) {}
  Result<void> read(Address from, std::span<std::byte> into) const override {
    asked_ += into.size();
    return memory_.read(from, into);
  }
  Result<void> read_ranges(std::span<const target::Range> ranges, std::span<std::byte> into,
                           std::vector<std::uint32_t>& failed) const override {
    asked_ += into.size();
    return memory_.read_ranges(ranges, into, failed);
  }
  std::uint64_t bytes_read() const override { return asked_; }

 private:
  fuzz::BytesMemory memory_;
  mutable std::uint64_t asked_ = 0;
};

class TimersOfALiar : public ::testing::Test {
 protected:
  TimersOfALiar() : bytes_(kSize), memory_(bytes_) {
    go::Release release;
    release.minor = 27;
    runtime_.layout = go::layout_from_table(release).value();
    runtime_.memory = &memory_;
    runtime_.variables.allp = kAllp;
    auto& channel = snapshot_.channels.emplace_back();
    channel.capacity = 1;
    channel.elem_type = snapshot_.strings.add("time.Time");
  }
  void put(Address at, std::array<std::uint64_t, 2> words) {
    std::memcpy(bytes_.data() + (at - kBase), words.data(), sizeof words);
  }
  std::uint64_t asked() {
    EXPECT_TRUE(mark_timer_channels(runtime_, snapshot_));
    return memory_.bytes_read();
  }

  std::vector<std::byte> bytes_;
  CountingMemory memory_;
  Runtime runtime_;
  snapshot::Snapshot snapshot_;
};

TEST_F(TimersOfALiar, AListThatIsLongerThanMemoryCostsNoMoreThanMemory) {
  put(kAllp, {kProcessors, 1});
  put(kProcessors, {kProcessor, 0});
  put(kProcessor + runtime_.layout.p.timers.offset, {kBase, std::uint64_t{1} << 40});
  EXPECT_LT(asked(), 64 * kSize);
}

TEST_F(TimersOfALiar, WhatIsNoProcessorHasNoTimers) {
  put(kAllp, {kProcessors, 400});
  for (Address at = kProcessors + 8; at < kProcessors + 400 * 8; at += 16)
    put(at, {kProcessor, kProcessor});
  put(kProcessor + runtime_.layout.p.timers.offset, {kBase, std::uint64_t{1} << 40});
  EXPECT_LT(asked(), kSize / 16);
}

}  // namespace
}  // namespace chanspect::capture
