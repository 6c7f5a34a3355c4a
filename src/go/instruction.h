#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace chanspect::go {

/// One x86-64 instruction, as far as its references to memory go: its length, its opcode and its
/// ModRM operand. The meaning of its registers beyond that, and of immediates, is left to the
/// reader.
struct Instruction {
  static constexpr std::uint8_t kNoRegister = 0xff;
  static constexpr std::uint8_t kRsp = 4, kRbp = 5;

  /// Opcodes of two bytes and more are in maps of their own, which VEX and EVEX number like this.
  enum Map : std::uint8_t { one_byte = 0, map_0f = 1, map_0f38 = 2, map_0f3a = 3 };

  std::uint8_t length = 0;  ///< bytes
  Map map = one_byte;
  std::uint8_t opcode = 0;
  bool vector = false;     ///< encoded with VEX or EVEX
  bool lock = false;       ///< LOCK prefix
  bool wide = false;       ///< REX.W: the operand has 8 bytes
  bool narrow = false;     ///< prefix 66: the operand has 2 bytes
  bool segment = false;    ///< FS or GS prefix: the operand is relative to that
  bool has_modrm = false;  ///< the fields below mean something
  bool memory = false;     ///< the ModRM operand lies in memory, at base + displacement (+ index)
  bool rip_relative = false;  ///< ... at the next instruction's address + displacement
  bool indexed = false;
  std::uint8_t reg = 0;             ///< ModRM.reg with REX.R: a register, or part of the opcode
  std::uint8_t base = kNoRegister;  ///< register of the operand in memory
  std::uint8_t rm = 0;              ///< register operand, where `memory` is false
  std::int32_t displacement = 0;
};

/// Decodes the instruction at the front of `code`. Nothing where the bytes are none, or are cut
/// short. As sure as length decoding is: bytes that no compiler writes may pass.
std::optional<Instruction> decode_instruction(Bytes code);

}  // namespace chanspect::go
