#include "capture/signal_frame.h"

#include <optional>
#include <vector>

#include "base/bytes.h"

namespace chanspect::capture {
namespace {

constexpr std::uint64_t kLargestStack = 1 << 20;  // Go makes it 32 KiB; C may have made it

// The kernel's ucontext (asm/ucontext.h): flags, link, the signal stack, then by architecture. It
// holds the signal stack as it was set with sigaltstack(2), which tells it from all else.
constexpr std::uint64_t kStackAt = 16, kStackSizeAt = 32;

struct ContextLayout {
  std::uint64_t pc, sp, bp, lr;
};
constexpr ContextLayout kAmd64 = {.pc = 168, .sp = 160, .bp = 120, .lr = 0};
constexpr ContextLayout kArm64 = {.pc = 440, .sp = 432, .bp = 416, .lr = 424};

/// Where in `bytes`, the used part of the signal stack, the outermost ucontext begins.
std::optional<std::size_t> find_context(Bytes bytes, const SignalStack& stack) {
  std::optional<std::size_t> found;
  for (std::size_t at = 0; at + kStackSizeAt + 8 <= bytes.size(); at += 8)
    if (load<std::uint64_t>(bytes, at + kStackAt) == stack.lo &&
        load<std::uint64_t>(bytes, at + kStackSizeAt) == stack.hi - stack.lo)
      found = at;
  return found;
}

}  // namespace

target::ThreadRegisters interrupted(const target::Memory& memory,
                                    const target::ThreadRegisters& registers,
                                    const SignalStack& stack, go::Arch arch) {
  const bool inside = registers.sp >= stack.lo && registers.sp < stack.hi;
  if (!inside || stack.hi - stack.lo > kLargestStack) return registers;
  std::vector<std::byte> bytes(stack.hi - registers.sp);
  if (!memory.read(registers.sp, bytes)) return registers;
  const auto context = find_context(bytes, stack);
  if (!context) return registers;
  const ContextLayout& at = arch == go::Arch::arm64 ? kArm64 : kAmd64;
  const auto word = [&](std::uint64_t offset) {
    return load<std::uint64_t>(bytes, *context + offset).value_or(0);
  };
  target::ThreadRegisters before = registers;
  before.pc = word(at.pc);
  before.sp = word(at.sp);
  before.bp = word(at.bp);
  before.lr = at.lr == 0 ? 0 : word(at.lr);
  return before;
}

}  // namespace chanspect::capture
