#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "go/function_table.h"
#include "go/lazy_table.h"
#include "go/module.h"
#include "go/release.h"

namespace chanspect::go {

/// A _func of runtime/runtime2.go.
struct FuncRecord {
  Address entry = 0;
  std::uint32_t offset = 0;  ///< of the record in the module's function data
  std::int32_t name = 0;     ///< offset in funcnametab
  std::uint32_t pcsp = 0, pcfile = 0, pcln = 0;
  std::uint32_t cu_offset = 0;
  std::uint32_t pcdata_count = 0;
  std::uint8_t funcdata_count = 0;
  std::uint8_t id = 0;  ///< as the release numbers it
  std::uint8_t flags = 0;
};

/// runtime.inlinedCall, what is the same of it in all releases.
struct InlinedCall {
  std::uint8_t id = 0;
  std::int32_t name = 0;
  std::uint32_t parent_pc = 0;  ///< offset from the function's entry
};

/// The pclntab of one module (runtime/symtab.go): functions sorted by address, and tables of small
/// programs that give a value for each pc. Every offset in it is untrusted.
class Pclntab {
 public:
  /// Reads the sorted list of functions; all else is copied when it is looked at.
  static Result<Pclntab> read(const target::Memory& memory, const Module& module,
                              const Release& release);

  std::uint32_t size() const { return count_; }  ///< functions
  bool covers(Address pc) const { return pc >= text_ && pc < etext_; }

  /// The number of the function that holds `pc`.
  std::optional<std::uint32_t> find(Address pc) const;

  /// Nothing when the record is broken.
  std::optional<FuncRecord> record(std::uint32_t number) const;

  std::string_view function_name(std::int32_t offset) const;

  /// Where the function with this number begins; for `size()`, where the last one ends.
  std::optional<Address> entry(std::uint32_t number) const;

  /// Up to `length` bytes of the function's name, with what follows it; for going over all names
  /// without a look at what else the records hold.
  Bytes name_begin(std::uint32_t number, std::uint64_t length) const;

  /// The file with number `file` in the function's compilation unit; "?" when broken, as the
  /// runtime prints it.
  std::string_view file_name(const FuncRecord& function, std::int32_t file) const;

  /// The value at `pc` of the table at `offset` of pctab (symtab.go: pcvalue); -1 when there is
  /// none.
  std::int32_t value_at(const FuncRecord& function, std::uint32_t offset, Address pc) const;

  /// The value at `pc` of the function's PCDATA table with this number; -1 when there is none.
  std::int32_t pcdata(const FuncRecord& function, std::uint32_t number, Address pc) const;

  /// Up to `length` bytes of the function's FUNCDATA with this number; empty when there is none.
  Bytes funcdata(const FuncRecord& function, std::uint32_t number, std::uint64_t begin,
                 std::uint64_t length) const;

  /// The call inlined into `function` at `pc`, innermost (symtabinl.go: inlineUnwinder).
  std::optional<InlinedCall> inlined_at(const FuncRecord& function, Address pc) const;

 private:
  Pclntab() = default;

  Address text_ = 0, etext_ = 0;
  std::uint32_t pc_quantum_ = 1;
  bool before_120_ = false;  ///< _func and inlinedCall have the shape of 1.18 and 1.19
  std::uint32_t count_ = 0;
  Bytes ftab_;  ///< inside function_data_
  std::unique_ptr<LazyTable> function_names_, cu_table_, file_table_, pc_table_, function_data_,
      gofunc_;
};

/// What a funcID means in a release (abi.FuncID; runtime.funcID up to 1.20).
FuncId func_id(std::uint8_t number, const Release& release);

}  // namespace chanspect::go
