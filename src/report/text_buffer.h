#pragma once

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace chanspect::report {

/// A buffer for hundreds of megabytes of text that is made of short pieces: room is asked for once
/// for several of them, and pieces are copied in whole blocks, over their end, since the next piece
/// overwrites what is too much.
class TextBuffer {
 public:
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kNumber = 32;  ///< room that any number takes, with its block

  explicit TextBuffer(std::size_t capacity)
      : bytes_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

  /// Makes room for `more` bytes of pieces, and for the last one's block.
  void reserve(std::size_t more) {
    if (capacity_ - used_ < more + kBlock) grow(more + kBlock);
  }

  /// Text of any length from anywhere.
  void append(std::string_view text) {
    if (text.empty()) return;  // its data may be null
    reserve(text.size());
    std::memcpy(bytes_.get() + used_, text.data(), text.size());
    used_ += text.size();
  }

  /// Text for which room is reserved, and behind which `kBlock` bytes can be read.
  void put_padded(const char* text, std::size_t size) {
    char* to = bytes_.get() + used_;
    for (std::size_t at = 0; at < size; at += kBlock) std::memcpy(to + at, text + at, kBlock);
    used_ += size;
  }

  void put(char c) { bytes_[used_++] = c; }

  /// As Go's print(hex(n)): "0x1f". Room of `kNumber` must be reserved.
  void put_hex(std::uint64_t number) {
    char digits[2 * 16] = {};
    const std::uint64_t high = eight_digits(static_cast<std::uint32_t>(number >> 32U));
    const std::uint64_t low = eight_digits(static_cast<std::uint32_t>(number));
    std::memcpy(digits, &high, 8);
    std::memcpy(digits + 8, &low, 8);
    const auto count = static_cast<std::size_t>((std::bit_width(number | 1) + 3) / 4);
    char* to = bytes_.get() + used_;
    to[0] = '0';
    to[1] = 'x';
    std::memcpy(to + 2, digits + 16 - count, 16);
    used_ += 2 + count;
  }

  /// In decimal. Room of `kNumber` must be reserved.
  void put_number(std::uint64_t number) {
    char* to = bytes_.get() + used_;
    used_ = static_cast<std::size_t>(std::to_chars(to, to + kNumber, number).ptr - bytes_.get());
  }

  std::string_view text() const { return {bytes_.get(), used_}; }
  std::size_t size() const { return used_; }
  void clear() { used_ = 0; }

 private:
  /// Eight hexadecimal digits in the order of memory, all at once: the number's halves, quarters
  /// and eighths are spread over the bytes, and digits above 9 moved up to the letters.
  static std::uint64_t eight_digits(std::uint32_t number) {
    std::uint64_t x = number;
    x = (x & 0xffff) << 32U | x >> 16U;
    x = (x & 0x0000ff000000ff00) >> 8U | (x & 0x000000ff000000ff) << 16U;
    x = (x & 0x00f000f000f000f0) >> 4U | (x & 0x000f000f000f000f) << 8U;
    const std::uint64_t letters = ((x + 0x0606060606060606) >> 4U) & 0x0101010101010101;
    return x + 0x3030303030303030 + letters * ('a' - '0' - 10);
  }

  void grow(std::size_t more) {
    const std::size_t capacity = (used_ + more) * 2;
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(bytes.get(), bytes_.get(), used_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
};

}  // namespace chanspect::report
