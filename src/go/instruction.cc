// Instructions of x86-64: prefixes, opcode maps, ModRM and SIB, displacement, immediate (Intel SDM
// volume 2, chapter 2 and appendix A).

#include "go/instruction.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace chanspect::go {
namespace {

constexpr std::size_t kLongest = 15;  // bytes of an instruction, by the processor's own rule

/// What follows an opcode.
enum Form : std::uint8_t {
  invalid,
  plain,         // nothing
  imm8,          // 1 byte
  imm16,         // 2 bytes
  imm24,         // 2 bytes and 1 byte: ENTER
  imm32,         // 2 bytes with prefix 66, else 4
  rel32,         // 4 bytes
  imm64,         // 8 bytes with REX.W, 2 with prefix 66, else 4
  offset64,      // an absolute address of 8 bytes (4 with prefix 67)
  modrm,         // ModRM with SIB and displacement
  modrm_imm8,    // ... and 1 byte
  modrm_imm32,   // ... and 2 bytes with prefix 66, else 4
  group3_imm8,   // ... and 1 byte for TEST, which are reg 0 and 1
  group3_imm32,  // ... and as imm32 for TEST
};

using Forms = std::array<Form, 256>;

constexpr void set(Forms& forms, unsigned first, unsigned last, Form form) {
  for (unsigned opcode = first; opcode <= last; ++opcode) forms[opcode] = form;
}

constexpr Forms one_byte_forms() {
  Forms forms = {};
  for (unsigned row = 0; row < 0x40; row += 8) {  // ADD, OR, ADC, SBB, AND, SUB, XOR, CMP
    set(forms, row, row + 3, modrm);
    forms[row + 4] = imm8;
    forms[row + 5] = imm32;
  }
  set(forms, 0x50, 0x5f, plain);
  forms[0x63] = modrm;
  forms[0x68] = imm32;
  forms[0x69] = modrm_imm32;
  forms[0x6a] = imm8;
  forms[0x6b] = modrm_imm8;
  set(forms, 0x6c, 0x6f, plain);
  set(forms, 0x70, 0x7f, imm8);
  forms[0x80] = modrm_imm8;
  forms[0x81] = modrm_imm32;
  forms[0x83] = modrm_imm8;
  set(forms, 0x84, 0x8f, modrm);
  set(forms, 0x90, 0x9f, plain);
  forms[0x9a] = invalid;
  set(forms, 0xa0, 0xa3, offset64);
  set(forms, 0xa4, 0xa7, plain);
  forms[0xa8] = imm8;
  forms[0xa9] = imm32;
  set(forms, 0xaa, 0xaf, plain);
  set(forms, 0xb0, 0xb7, imm8);
  set(forms, 0xb8, 0xbf, imm64);
  set(forms, 0xc0, 0xc1, modrm_imm8);
  forms[0xc2] = forms[0xca] = imm16;
  forms[0xc3] = forms[0xc9] = forms[0xcb] = forms[0xcc] = forms[0xcf] = plain;
  forms[0xc6] = modrm_imm8;
  forms[0xc7] = modrm_imm32;
  forms[0xc8] = imm24;
  forms[0xcd] = imm8;
  set(forms, 0xd0, 0xd3, modrm);
  forms[0xd7] = plain;
  set(forms, 0xd8, 0xdf, modrm);
  set(forms, 0xe0, 0xe7, imm8);
  set(forms, 0xe8, 0xe9, rel32);
  forms[0xeb] = imm8;
  set(forms, 0xec, 0xef, plain);
  forms[0xf1] = forms[0xf4] = forms[0xf5] = plain;
  forms[0xf6] = group3_imm8;
  forms[0xf7] = group3_imm32;
  set(forms, 0xf8, 0xfd, plain);
  set(forms, 0xfe, 0xff, modrm);
  return forms;
}

constexpr Forms map_0f_forms() {
  Forms forms = {};
  set(forms, 0x00, 0x03, modrm);
  set(forms, 0x05, 0x09, plain);
  forms[0x0b] = forms[0x0e] = plain;
  forms[0x0d] = modrm;
  set(forms, 0x10, 0x2f, modrm);
  set(forms, 0x24, 0x27, invalid);
  set(forms, 0x30, 0x35, plain);
  forms[0x37] = plain;
  set(forms, 0x40, 0x6f, modrm);
  set(forms, 0x70, 0x73, modrm_imm8);
  set(forms, 0x74, 0x7f, modrm);
  forms[0x77] = plain;
  set(forms, 0x80, 0x8f, rel32);
  set(forms, 0x90, 0xff, modrm);
  set(forms, 0xa0, 0xa2, plain);
  forms[0xa4] = forms[0xac] = modrm_imm8;
  forms[0xa6] = forms[0xa7] = invalid;
  set(forms, 0xa8, 0xaa, plain);
  forms[0xba] = modrm_imm8;
  forms[0xc2] = modrm_imm8;
  set(forms, 0xc4, 0xc6, modrm_imm8);
  set(forms, 0xc8, 0xcf, plain);
  return forms;
}

constexpr Forms kOneByte = one_byte_forms();
constexpr Forms kMap0f = map_0f_forms();

Form form_of(const Instruction& instruction) {
  switch (instruction.map) {
    case Instruction::one_byte:
      return kOneByte[instruction.opcode];
    case Instruction::map_0f:
      return kMap0f[instruction.opcode];
    case Instruction::map_0f38:
      return modrm;
    case Instruction::map_0f3a:
      return modrm_imm8;
  }
  return modrm;  // the further maps of EVEX
}

/// Reads an instruction front to back; each step says whether the bytes sufficed and made sense.
class Decoder {
 public:
  explicit Decoder(Bytes code) : code_(code.first(std::min(code.size(), kLongest))) {}

  std::optional<Instruction> decode() {
    if (!read_prefixes() || !read_opcode()) return std::nullopt;
    const Form form = form_of(out_);
    if (form == invalid) return std::nullopt;
    if (form >= modrm && !read_modrm()) return std::nullopt;
    if (!skip(immediate_size(form))) return std::nullopt;
    out_.length = static_cast<std::uint8_t>(at_);
    return out_;
  }

 private:
  bool take(std::uint8_t& byte) {
    if (at_ == code_.size()) return false;
    byte = std::to_integer<std::uint8_t>(code_[at_++]);
    return true;
  }
  bool skip(std::size_t count) {
    if (code_.size() - at_ < count) return false;
    at_ += count;
    return true;
  }

  /// Takes all prefixes, and the first byte behind them into `out_.opcode`.
  bool read_prefixes() {
    while (take(out_.opcode)) {
      if ((out_.opcode & 0xf0) == 0x40) {
        rex_ = out_.opcode;
      } else if (take_legacy_prefix(out_.opcode)) {
        rex_ = 0;  // REX counts only right before the opcode
      } else {
        out_.wide = (rex_ & 8) != 0;
        return true;
      }
    }
    return false;
  }

  bool take_legacy_prefix(std::uint8_t byte) {
    switch (byte) {
      case 0x66:
        out_.narrow = true;
        return true;
      case 0x67:
        short_address_ = true;
        return true;
      case 0xf0:
        out_.lock = true;
        return true;
      case 0x64:
      case 0x65:
        out_.segment = true;
        return true;
      default:
        return byte == 0x26 || byte == 0x2e || byte == 0x36 || byte == 0x3e || byte == 0xf2 ||
               byte == 0xf3;
    }
  }

  bool read_opcode() {
    switch (out_.opcode) {
      case 0x0f:
        return read_long_opcode();
      case 0xc5:
        return read_vex2();
      case 0xc4:
        return read_vex3();
      case 0x62:
        return read_evex();
      default:
        return true;
    }
  }

  bool read_long_opcode() {
    out_.map = Instruction::map_0f;
    if (!take(out_.opcode)) return false;
    if (out_.opcode != 0x38 && out_.opcode != 0x3a) return true;
    out_.map = out_.opcode == 0x38 ? Instruction::map_0f38 : Instruction::map_0f3a;
    return take(out_.opcode);
  }

  bool read_vex2() {
    std::uint8_t payload = 0;
    out_.vector = true;
    out_.map = Instruction::map_0f;
    rex_ = 0;
    if (!take(payload)) return false;
    if ((payload & 0x80) == 0) rex_ |= 4;
    return take(out_.opcode);
  }

  bool read_vex3() {
    std::uint8_t first = 0, second = 0;
    out_.vector = true;
    if (!take(first) || !take(second)) return false;
    rex_ = static_cast<std::uint8_t>((~first >> 5) & 7);
    out_.wide = (second & 0x80) != 0;
    return set_map(first & 0x1f) && take(out_.opcode);
  }

  bool read_evex() {
    std::uint8_t first = 0, second = 0, third = 0;
    out_.vector = true;
    if (!take(first) || !take(second) || !take(third)) return false;
    rex_ = static_cast<std::uint8_t>((~first >> 5) & 7);
    out_.wide = (second & 0x80) != 0;
    return set_map(first & 7) && take(out_.opcode);
  }

  bool set_map(unsigned number) {
    out_.map = static_cast<Instruction::Map>(number);
    return number >= 1 && number <= 6 && number != 4;
  }

  bool read_modrm() {
    std::uint8_t byte = 0;
    if (!take(byte)) return false;
    const unsigned mod = byte >> 6;
    const unsigned rm = byte & 7;
    out_.has_modrm = true;
    out_.reg = static_cast<std::uint8_t>((byte >> 3 & 7) | ((rex_ & 4) != 0 ? 8 : 0));
    out_.rm = static_cast<std::uint8_t>(rm | ((rex_ & 1) != 0 ? 8 : 0));
    out_.memory = mod != 3 && !is_register_move();
    if (!out_.memory) return true;
    out_.base = out_.rm;
    if (rm == 4) return read_sib(mod);
    if (mod == 0 && rm == 5) {
      out_.base = Instruction::kNoRegister;
      out_.rip_relative = true;
      return read_displacement(4);
    }
    return read_displacement(displacement_size(mod));
  }

  bool read_sib(unsigned mod) {
    std::uint8_t byte = 0;
    if (!take(byte)) return false;
    const unsigned index = (byte >> 3 & 7) | ((rex_ & 2) != 0 ? 8U : 0U);
    out_.indexed = index != 4;
    out_.base = static_cast<std::uint8_t>((byte & 7) | ((rex_ & 1) != 0 ? 8 : 0));
    if (mod == 0 && (byte & 7) == 5) {
      out_.base = Instruction::kNoRegister;
      return read_displacement(4);
    }
    return read_displacement(displacement_size(mod));
  }

  static std::size_t displacement_size(unsigned mod) { return mod == 0 ? 0 : mod == 1 ? 1 : 4; }

  bool read_displacement(std::size_t size) {
    if (size == 1) out_.displacement = std::int32_t{load<std::int8_t>(code_, at_).value_or(0)};
    if (size == 4) out_.displacement = load<std::int32_t>(code_, at_).value_or(0);
    return skip(size);
  }

  /// MOV to and from control and debug registers takes ModRM for two registers whatever it says.
  bool is_register_move() const {
    return out_.map == Instruction::map_0f && out_.opcode >= 0x20 && out_.opcode <= 0x23 &&
           !out_.vector;
  }

  std::size_t immediate_size(Form form) const {
    const std::size_t word = out_.narrow && !out_.wide ? 2 : 4;
    const bool is_test = (out_.reg & 7) <= 1;
    switch (form) {
      case invalid:
      case plain:
      case modrm:
        return 0;
      case imm8:
        return 1;
      case imm16:
        return 2;
      case imm24:
        return 3;
      case imm32:
      case modrm_imm32:
        return word;
      case rel32:
        return 4;
      case imm64:
        return out_.wide ? 8 : word;
      case offset64:
        return short_address_ ? 4 : 8;
      case modrm_imm8:
        return out_.vector && !has_vector_immediate() ? 0 : 1;
      case group3_imm8:
        return is_test ? 1 : 0;
      case group3_imm32:
        return is_test ? word : 0;
    }
    return 0;
  }

  /// Of the opcodes with an immediate in map 0F, those that VEX and EVEX have too; the others that
  /// they put in the same places (KMOV and its like) have none.
  bool has_vector_immediate() const {
    constexpr std::string_view kWith = "\x70\x71\x72\x73\xc2\xc4\xc5\xc6";
    return out_.map != Instruction::map_0f || kWith.contains(static_cast<char>(out_.opcode));
  }

  Bytes code_;
  std::size_t at_ = 0;
  std::uint8_t rex_ = 0;
  bool short_address_ = false;
  Instruction out_;
};

}  // namespace

std::optional<Instruction> decode_instruction(Bytes code) {
  return Decoder(code).decode();
}

}  // namespace chanspect::go
