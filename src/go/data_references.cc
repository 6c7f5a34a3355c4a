#include "go/data_references.h"

#include "go/data_references_arm64.h"
#include "go/instruction.h"

namespace chanspect::go {
namespace {

using Kind = DataReference::Kind;

std::uint8_t operand_width(const Instruction& instruction) {
  return instruction.wide ? 8 : instruction.narrow ? 2 : 4;
}

/// What an instruction of the one-byte map does to its operand in memory.
DataReference one_byte(const Instruction& instruction) {
  const std::uint8_t opcode = instruction.opcode;
  const std::uint8_t extension = instruction.reg & 7;
  const std::uint8_t width = (opcode & 1) != 0 ? operand_width(instruction) : 1;
  if (opcode < 0x40) {  // ADD, OR, …, XOR, CMP: 0 and 1 write to memory, but CMP does not
    const bool compares = opcode >= 0x38;
    return {0, (opcode & 2) != 0 || compares ? Kind::load : Kind::update, width};
  }
  switch (opcode) {
    case 0x63:
      return {0, Kind::load, 4};  // MOVSXD
    case 0x69:
    case 0x6b:
      return {0, Kind::load, operand_width(instruction)};  // IMUL
    case 0x80:
    case 0x81:
    case 0x83:
      return {0, extension == 7 ? Kind::load : Kind::update, width};  // 7: CMP
    case 0x84:
    case 0x85:
      return {0, Kind::load, width};  // TEST
    case 0x86:
    case 0x87:
      return {0, Kind::update, width};  // XCHG
    case 0x88:
    case 0x89:
      return {0, Kind::store, width};
    case 0x8a:
    case 0x8b:
      return {0, Kind::load, width};
    case 0x8d:
      return {0, Kind::address, 0};  // LEA
    case 0xc6:
    case 0xc7:
      return {0, Kind::store, width};
    case 0xf6:
    case 0xf7:
      return {0, extension == 2 || extension == 3 ? Kind::update : Kind::load, width};
    case 0xfe:
    case 0xff:  // INC, DEC; CALL, JMP, PUSH
      return {0, extension <= 1 ? Kind::update : Kind::load,
              extension <= 1 ? width : std::uint8_t{8}};
    default:
      return {0, Kind::load, 0};
  }
}

DataReference map_0f(const Instruction& instruction) {
  switch (instruction.opcode) {
    case 0x11:  // MOVUPS and its like
    case 0x29:
    case 0x7f:
      return {0, Kind::store, 16};
    case 0x10:
    case 0x28:
    case 0x6f:
      return {0, Kind::load, 16};
    case 0xb0:  // CMPXCHG
    case 0xc0:
      return {0, Kind::update, 1};  // XADD
    case 0xb1:
    case 0xc1:
      return {0, Kind::update, operand_width(instruction)};
    case 0xb6:
    case 0xbe:
      return {0, Kind::load, 1};  // MOVZX, MOVSX
    case 0xb7:
    case 0xbf:
      return {0, Kind::load, 2};
    case 0x0d:
    case 0x18:
      return {0, Kind::address, 0};  // PREFETCH
    default:
      if ((instruction.opcode & 0xf0) == 0x40)  // CMOV
        return {0, Kind::load, operand_width(instruction)};
      return {0, Kind::load, 0};
  }
}

std::vector<DataReference> amd64_references(Bytes code, Address entry) {
  std::vector<DataReference> references;
  std::size_t at = 0;
  while (const auto instruction = decode_instruction(code.subspan(at))) {
    at += instruction->length;
    if (!instruction->rip_relative || instruction->segment) continue;
    DataReference reference = {0, Kind::load, 0};
    if (instruction->map == Instruction::one_byte) reference = one_byte(*instruction);
    if (instruction->map == Instruction::map_0f) reference = map_0f(*instruction);
    if (instruction->vector) reference.width = 0;
    reference.place = entry + at + static_cast<Address>(std::int64_t{instruction->displacement});
    references.push_back(reference);
  }
  return references;
}

}  // namespace

std::vector<DataReference> data_references(Bytes code, Address entry, Arch arch) {
  return arch == Arch::arm64 ? arm64_references(code, entry) : amd64_references(code, entry);
}

}  // namespace chanspect::go
