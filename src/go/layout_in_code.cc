#include "go/layout_in_code.h"

#include <array>
#include <set>
#include <string>

#include "go/instruction.h"

namespace chanspect::go {
namespace {

constexpr std::uint64_t kMostCode = 4096;  // of gopark, of mcall
constexpr std::uint8_t kGRegister = 14;    // R14 holds the g (the ABI of Go's own functions)

/// What a register holds, as far as gopark's way goes.
struct Value {
  enum Kind : std::uint8_t { other, g, of_g, of_m } kind = other;
  std::uint32_t offset = 0;  ///< of_g: of the field in g that it was loaded from; of_m: in an m
};

/// Follows gopark front to back. Its calls (the write barrier's, before mcall) keep all registers.
class GoparkReader {
 public:
  GoparkReader() { registers_[kGRegister] = {Value::g, 0}; }

  void read(const Instruction& instruction) {
    if (instruction.vector || instruction.map != Instruction::one_byte || !instruction.has_modrm)
      return;
    const bool from_memory =
        instruction.memory && !instruction.indexed && instruction.base != Instruction::kNoRegister;
    const Value base = from_memory ? registers_[instruction.base] : Value();
    switch (instruction.opcode) {
      case 0x8b:  // MOV to a register
        if (!instruction.memory)
          registers_[instruction.reg] = registers_[instruction.rm];
        else
          registers_[instruction.reg] = loaded(base, instruction);
        break;
      case 0x89:  // MOV to memory or to the second register
        if (!instruction.memory) registers_[instruction.rm] = registers_[instruction.reg];
        break;
      case 0x88:  // MOV of a byte to memory
        if (base.kind == Value::of_m && offsets_.m_curg == base.offset && !offsets_.g_waitreason)
          offsets_.g_waitreason = displacement(instruction);
        break;
      case 0x8d:  // LEA
        registers_[instruction.reg] = {};
        break;
      default:
        break;
    }
  }

  const OffsetsInCode& offsets() const { return offsets_; }

 private:
  static std::uint32_t displacement(const Instruction& instruction) {
    return static_cast<std::uint32_t>(instruction.displacement);
  }

  Value loaded(const Value& base, const Instruction& instruction) {
    const std::uint32_t offset = displacement(instruction);
    if (instruction.wide && base.kind == Value::g) {  // gp.m
      if (!offsets_.g_m) offsets_.g_m = offset;
      return {Value::of_g, offset};
    }
    if (instruction.wide && base.kind == Value::of_g) return {Value::of_m, offset};
    // The one field of m that is followed further is curg, to the status of that g.
    if (!instruction.wide && base.kind == Value::of_m && !offsets_.m_curg) {
      offsets_.m_curg = base.offset;
      offsets_.g_atomicstatus = offset;
    }
    return {};
  }

  std::array<Value, 16> registers_ = {};
  OffsetsInCode offsets_;
};

/// The offsets at which mcall saves words in g: pc, sp and bp of g.sched.
std::set<std::uint32_t> words_saved_in_g(Bytes code) {
  std::set<std::uint32_t> offsets;
  std::size_t at = 0;
  while (const auto instruction = decode_instruction(code.subspan(at))) {
    at += instruction->length;
    if (instruction->map == Instruction::one_byte && instruction->opcode == 0x89 &&
        instruction->memory && instruction->wide && instruction->base == kGRegister)
      offsets.insert(static_cast<std::uint32_t>(instruction->displacement));
  }
  return offsets;
}

struct Comparison {
  std::string_view field;
  std::optional<std::uint32_t> in_code;
  std::uint32_t in_layout;
};

std::unexpected<Error> differs(const RuntimeLayout& layout, std::string why) {
  return fail(ErrorCode::unknown_release,
              "the layouts of " + layout.release.name() + " are not known", std::move(why));
}

}  // namespace

OffsetsInCode offsets_in_gopark(Bytes code) {
  GoparkReader reader;
  std::size_t at = 0;
  while (const auto instruction = decode_instruction(code.subspan(at))) {
    at += instruction->length;
    reader.read(*instruction);
  }
  return reader.offsets();
}

Result<void> check_layout_by_code(const RunningImage& image, const FunctionTable& functions,
                                  const RuntimeLayout& layout) {
  constexpr std::array<std::string_view, 2> kNames = {"runtime.gopark", "runtime.mcall"};
  const auto found = functions.find_by_names(kNames);
  if (!found[0] || !found[1] || image.arch() != Arch::amd64)
    return differs(layout,
                   "the program's code does not tell whether those of " + layout.source + " fit");
  const auto gopark = offsets_in_gopark(image.code(functions.code(*found[0]), kMostCode));
  for (const auto& [field, in_code, in_layout] :
       {Comparison{"g.m", gopark.g_m, layout.g.m.offset},
        Comparison{"m.curg", gopark.m_curg, layout.m.curg.offset},
        Comparison{"g.atomicstatus", gopark.g_atomicstatus, layout.g.atomicstatus.offset},
        Comparison{"g.waitreason", gopark.g_waitreason, layout.g.waitreason.offset}})
    if (in_code != in_layout)
      return differs(layout, "its code does not have " + std::string(field) + " where " +
                                 layout.source + " has it");
  const auto saved = words_saved_in_g(image.code(functions.code(*found[1]), kMostCode));
  for (const std::uint32_t offset :
       {layout.g.sched_sp.offset, layout.g.sched_pc.offset, layout.g.sched_bp.offset})
    if (!saved.contains(offset))
      return differs(layout, "its code does not have g.sched where " + layout.source + " has it");
  return {};
}

}  // namespace chanspect::go
