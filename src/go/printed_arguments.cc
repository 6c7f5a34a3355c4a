#include "go/printed_arguments.h"

#include <algorithm>

namespace chanspect::go {
namespace {

constexpr std::uint32_t kArgInfo = 5;           // abi.FUNCDATA_ArgInfo
constexpr std::uint32_t kArgLiveInfo = 6;       // abi.FUNCDATA_ArgLiveInfo
constexpr std::uint32_t kArgLiveIndex = 3;      // abi.PCDATA_ArgLiveIndex
constexpr std::uint64_t kLongestArgInfo = 171;  // abi.TraceArgsMaxLen

// The instructions of an ArgInfo (abi.TraceArgs…); anything below is an offset, followed by a size.
constexpr std::uint8_t kEndSeq = 0xff, kStartAgg = 0xfe, kEndAgg = 0xfd, kDotdotdot = 0xfc,
                       kOffsetTooLarge = 0xfb;

/// Which spill slots of register arguments hold a value at one pc (traceback.go: isLive).
class Liveness {
 public:
  Liveness(const Pclntab& table, const FuncRecord& function, Address pc) {
    const Bytes start = table.funcdata(function, kArgLiveInfo, 0, 1);
    if (start.empty()) return;
    first_offset_ = static_cast<std::uint8_t>(start[0]);
    const std::int32_t index = table.pcdata(function, kArgLiveIndex, pc);
    if (index <= 0) return;
    constexpr std::uint64_t kMostSlots = 256;
    bits_ =
        table.funcdata(function, kArgLiveInfo, static_cast<std::uint32_t>(index), kMostSlots / 8);
  }

  bool is_spill_slot(std::uint8_t offset) const { return offset >= first_offset_; }

  bool is_live(std::uint8_t offset, std::uint8_t slot) const {
    if (bits_.empty() || !is_spill_slot(offset)) return true;
    const auto bits = load<std::uint8_t>(bits_, slot / 8);
    return !bits || (*bits & (1U << (slot % 8))) != 0;
  }

 private:
  std::uint8_t first_offset_ = 0xff;
  Bytes bits_;
};

}  // namespace

FunctionTable::Arguments printed_arguments(const Pclntab& table, const FuncRecord& function,
                                           Address pc) {
  FunctionTable::Arguments result;
  const Bytes program = table.funcdata(function, kArgInfo, 0, kLongestArgInfo);
  if (program.empty()) return result;
  const Liveness liveness(table, function, pc);
  bool start = true;
  const auto comma = [&] { result.text += start ? "" : ", "; };
  std::uint8_t slot = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    const auto op = static_cast<std::uint8_t>(program[i]);
    if (op == kEndSeq) break;
    if (op != kEndAgg) comma();
    start = op == kStartAgg;
    if (op == kStartAgg) {
      result.text += '{';
    } else if (op == kEndAgg) {
      result.text += '}';
    } else if (op == kDotdotdot) {
      result.text += "...";
    } else if (op == kOffsetTooLarge) {
      result.text += '_';
    } else if (++i < program.size()) {
      const auto size = static_cast<std::uint8_t>(program[i]);
      result.text += liveness.is_live(op, slot) ? '\x01' : '\x02';
      result.words.push_back({op, std::min<std::uint8_t>(size, 8)});
      if (liveness.is_spill_slot(op)) ++slot;
    }
  }
  return result;
}

}  // namespace chanspect::go
