#include "go/pclntab.h"

#include <algorithm>

namespace chanspect::go {
namespace {

constexpr std::uint64_t kFunctabEntry = 8;  // runtime.functab: entryoff u32, funcoff u32
constexpr std::uint64_t kMostGofunc = 1ULL << 30;
constexpr std::uint64_t kMostProgram = 4ULL << 20;  // bytes of one pc-value table
constexpr std::uint32_t kNoFuncdata = 0xffffffff;
constexpr std::uint32_t kFuncdataInlineTree = 3;  // abi.FUNCDATA_InlTree
constexpr std::uint32_t kPcdataInlineIndex = 2;   // abi.PCDATA_InlTreeIndex

// runtime2.go: _func. From 1.20 on startLine lies between cuOffset and funcID.
constexpr std::uint32_t kNameOffset = 4, kPcsp = 16, kPcfile = 20, kPcln = 24, kPcdataCount = 28,
                        kCuOffset = 32;
constexpr std::uint32_t kFuncIdOffset119 = 36, kFuncIdOffset120 = 40;

/// The part of memory that holds go.func.*, to which no variable gives an end: it ends before
/// whatever comes next.
target::Range gofunc_range(const Module& module) {
  if (module.gofunc == 0) return {};
  Address end = module.gofunc + kMostGofunc;
  for (const Address next : {module.pclntab, module.noptrdata, module.data, module.text})
    if (next > module.gofunc) end = std::min(end, next);
  return {module.gofunc, end - module.gofunc};
}

/// A reader of the numbers of a pc-value table.
class Program {
 public:
  Program(const LazyTable& table, std::uint64_t offset) : table_(&table), offset_(offset) {
    bytes_ = table.view(offset, kFirst);
  }

  /// The next varint (symtab.go: readvarint); nothing at the end of the bytes.
  std::optional<std::uint32_t> next() {
    std::uint32_t value = 0;
    for (std::uint32_t shift = 0; shift < 35; shift += 7) {
      if (at_ == bytes_.size() && !extend()) return std::nullopt;
      const auto byte = static_cast<std::uint32_t>(bytes_[at_++]);
      value |= (byte & 0x7f) << (shift & 31);
      if ((byte & 0x80) == 0) return value;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint64_t kFirst = 256;

  bool extend() {
    const std::uint64_t wanted = std::max(kFirst, bytes_.size() * 4);
    if (wanted > kMostProgram) return false;
    bytes_ = table_->view(offset_, wanted);
    return at_ < bytes_.size();
  }

  const LazyTable* table_;
  std::uint64_t offset_;
  Bytes bytes_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Pclntab> Pclntab::read(const target::Memory& memory, const Module& module,
                              const Release& release) {
  Pclntab table;
  table.text_ = module.text;
  table.etext_ = module.etext;
  table.pc_quantum_ = pc_quantum(release.arch);
  table.before_120_ = release.minor < 20;
  CS_TRY(table.function_names_, LazyTable::make(memory, module.function_names));
  CS_TRY(table.cu_table_, LazyTable::make(memory, module.cu_table));
  CS_TRY(table.file_table_, LazyTable::make(memory, module.file_table));
  CS_TRY(table.pc_table_, LazyTable::make(memory, module.pc_table));
  CS_TRY(table.function_data_, LazyTable::make(memory, module.function_data));
  CS_TRY(table.gofunc_, LazyTable::make(memory, gofunc_range(module)));

  const target::Range& ftab = module.ftab;
  table.ftab_ = table.function_data_->view(ftab.address - module.function_data.address, ftab.size);
  if (table.ftab_.size() != ftab.size || ftab.size < 2 * kFunctabEntry)
    return fail(ErrorCode::unreadable, "cannot read the list of Go functions");
  table.count_ = static_cast<std::uint32_t>(ftab.size / kFunctabEntry) - 1;
  return table;
}

std::optional<std::uint32_t> Pclntab::find(Address pc) const {
  if (!covers(pc)) return std::nullopt;
  const std::uint64_t target = pc - text_;
  const auto entry = [&](std::uint32_t i) {
    return load<std::uint32_t>(ftab_, i * kFunctabEntry).value_or(0);
  };
  std::uint32_t low = 0;
  std::uint32_t high = count_;  // the last entry marks the end
  if (target < entry(low) || target >= entry(high)) return std::nullopt;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (entry(middle) <= target ? low : high) = middle;
  }
  return low;
}

std::optional<FuncRecord> Pclntab::record(std::uint32_t number) const {
  if (number >= count_) return std::nullopt;
  const auto offset = load<std::uint32_t>(ftab_, number * kFunctabEntry + 4);
  const std::uint32_t id_offset = before_120_ ? kFuncIdOffset119 : kFuncIdOffset120;
  if (!offset) return std::nullopt;
  const Bytes bytes = function_data_->view(*offset, id_offset + 4);
  if (bytes.size() < id_offset + 4) return std::nullopt;
  const auto word = [&](std::uint32_t at) { return *load<std::uint32_t>(bytes, at); };
  FuncRecord record;
  record.entry = text_ + word(0);
  record.offset = *offset;
  record.name = static_cast<std::int32_t>(word(kNameOffset));
  record.pcsp = word(kPcsp);
  record.pcfile = word(kPcfile);
  record.pcln = word(kPcln);
  record.pcdata_count = word(kPcdataCount);
  record.cu_offset = word(kCuOffset);
  record.id = *load<std::uint8_t>(bytes, id_offset);
  record.flags = *load<std::uint8_t>(bytes, id_offset + 1);
  record.funcdata_count = *load<std::uint8_t>(bytes, id_offset + 3);
  return record;
}

std::string_view Pclntab::function_name(std::int32_t offset) const {
  // symtab.go: funcName; offset 0 is for functions without a name.
  return offset <= 0 ? std::string_view()
                     : function_names_->text(static_cast<std::uint32_t>(offset));
}

std::optional<Address> Pclntab::entry(std::uint32_t number) const {
  const auto offset = load<std::uint32_t>(ftab_, number * kFunctabEntry);
  return offset ? std::optional(text_ + *offset) : std::nullopt;
}

Bytes Pclntab::name_begin(std::uint32_t number, std::uint64_t length) const {
  const auto offset = load<std::uint32_t>(ftab_, number * kFunctabEntry + 4);
  if (!offset) return {};
  const auto name = load<std::int32_t>(
      function_data_->view(std::uint64_t{*offset} + kNameOffset, sizeof(std::int32_t)), 0);
  return name && *name > 0 ? function_names_->view(static_cast<std::uint32_t>(*name), length)
                           : Bytes();
}

std::string_view Pclntab::file_name(const FuncRecord& function, std::int32_t file) const {
  constexpr std::uint32_t kNoFile = 0xffffffff;
  if (file < 0) return "?";
  const std::uint64_t slot = std::uint64_t{function.cu_offset} + static_cast<std::uint32_t>(file);
  const auto offset = load<std::uint32_t>(cu_table_->view(slot * 4, 4), 0);
  if (!offset || *offset == kNoFile) return "?";
  const std::string_view name = file_table_->text(*offset);
  return name.empty() ? "?" : name;
}

std::int32_t Pclntab::value_at(const FuncRecord& function, std::uint32_t offset, Address pc) const {
  if (offset == 0) return -1;
  Program program(*pc_table_, offset);
  Address at = function.entry;
  std::int32_t value = -1;
  for (bool first = true;; first = false) {
    const auto zigzag = program.next();
    if (!zigzag || (*zigzag == 0 && !first)) return -1;
    const auto steps = program.next();
    if (!steps) return -1;
    const std::uint32_t change = (*zigzag >> 1) ^ (0U - (*zigzag & 1));
    value = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) + change);
    at += std::uint64_t{*steps} * pc_quantum_;
    if (pc < at) return value;
  }
}

std::int32_t Pclntab::pcdata(const FuncRecord& function, std::uint32_t number, Address pc) const {
  if (number >= function.pcdata_count) return -1;
  const std::uint64_t slot = std::uint64_t{function.offset} +
                             (before_120_ ? kFuncIdOffset119 : kFuncIdOffset120) + 4 +
                             std::uint64_t{number} * 4;
  const auto offset = load<std::uint32_t>(function_data_->view(slot, 4), 0);
  return offset ? value_at(function, *offset, pc) : -1;
}

Bytes Pclntab::funcdata(const FuncRecord& function, std::uint32_t number, std::uint64_t begin,
                        std::uint64_t length) const {
  if (number >= function.funcdata_count) return {};
  const std::uint64_t slot = std::uint64_t{function.offset} +
                             (before_120_ ? kFuncIdOffset119 : kFuncIdOffset120) + 4 +
                             (std::uint64_t{function.pcdata_count} + number) * 4;
  const auto offset = load<std::uint32_t>(function_data_->view(slot, 4), 0);
  if (!offset || *offset == kNoFuncdata) return {};
  return gofunc_->view(*offset + begin, length);
}

std::optional<InlinedCall> Pclntab::inlined_at(const FuncRecord& function, Address pc) const {
  if (function.funcdata_count <= kFuncdataInlineTree) return std::nullopt;
  const std::int32_t index = pcdata(function, kPcdataInlineIndex, pc);
  if (index < 0) return std::nullopt;
  // 1.18 and 1.19: parent i16, funcID u8, pad, file, line, func_, parentPc.
  // From 1.20: funcID u8, pad[3], nameOff, parentPc, startLine.
  const std::uint64_t size = before_120_ ? 20 : 16;
  const Bytes bytes =
      funcdata(function, kFuncdataInlineTree, static_cast<std::uint32_t>(index) * size, size);
  if (bytes.size() < size) return std::nullopt;
  InlinedCall call;
  call.id = *load<std::uint8_t>(bytes, before_120_ ? 2 : 0);
  call.name = *load<std::int32_t>(bytes, before_120_ ? 12 : 4);
  call.parent_pc = *load<std::uint32_t>(bytes, before_120_ ? 16 : 8);
  return call;
}

}  // namespace chanspect::go
