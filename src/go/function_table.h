#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "go/module.h"
#include "go/release.h"
#include "target/memory.h"

namespace chanspect::go {

/// What runtime/symtab.go calls funcID for the few functions that unwinding must know. The numbers
/// differ by release; the reader translates.
enum class FuncId : std::uint8_t {
  normal,
  abort,
  asmcgocall,
  async_preempt,
  cgocallback,
  corostart,
  debug_call,
  gc_bg_mark_worker,
  goexit,
  gogo,
  gopanic,
  handle_async_event,
  mcall,
  morestack,
  mstart,
  panicwrap,
  rt0_go,
  runfinq,
  run_cleanups,
  runtime_main,
  sigpanic,
  systemstack,
  systemstack_switch,
  wrapper,
  other,
};

/// A function of the pclntab (_func in runtime/runtime2.go). `name` and `file` point into the
/// table, which keeps them alive.
struct Function {
  Address entry = 0;
  std::string_view name;
  std::uint32_t index = 0;  ///< dense over all modules
  FuncId id = FuncId::normal;
  bool top_frame = false;  ///< abi.FuncFlagTopFrame: the stack ends here
  bool sp_write = false;   ///< abi.FuncFlagSPWrite: the frame size is not to be trusted
  bool assembly = false;
};

/// One logical frame at a pc: the function itself or one inlined into it.
struct SourceFrame {
  std::string_view function;
  std::string_view file;
  std::uint32_t line = 0;
  FuncId id = FuncId::normal;
  bool inlined = false;      ///< true for each but the outermost
  std::uint32_t offset = 0;  ///< the pc looked up less the entry for the outermost, 0 for inlined
                             ///< ones; runtime.Stack prints the return address less the entry
};

/// Functions, lines, inlining and frame sizes of all modules, read from the pclntab (which survives
/// stripping). Safe to use from several threads.
///
/// Untrusted: every offset is checked; a broken entry costs that function only.
class FunctionTable {
 public:
  /// Reads the lists of functions of all modules; all else is copied from `memory` when it is first
  /// looked at, so `memory` must outlive the table. A module that cannot be read is left out,
  /// unless it is the first.
  static Result<FunctionTable> load(const target::Memory& memory, std::vector<Module> modules,
                                    const Release& release);

  FunctionTable(FunctionTable&&) noexcept;
  FunctionTable& operator=(FunctionTable&&) noexcept;
  ~FunctionTable();

  /// The function that holds `pc`, by binary search.
  std::optional<Function> find(Address pc) const;

  /// The functions with these full names, in order, in one pass over all names: to be asked once,
  /// for all that is wanted.
  std::vector<std::optional<Function>> find_by_names(std::span<const std::string_view> names) const;
  std::optional<Function> find_by_name(std::string_view name) const;

  /// Where the machine code of `function` lies, with the padding behind it.
  target::Range code(const Function& function) const;

  /// sp delta at `pc` (PCSP): distance from sp to the frame's base, in bytes; 0 or more. `pc` is
  /// the return address itself. Nothing if unknown.
  std::optional<std::int32_t> sp_delta(const Function& function, Address pc) const;

  /// The logical frames at `pc`, innermost first. `pc` is the exact pc to look up (the caller
  /// subtracts 1 from return addresses). Never empty for a known function.
  std::vector<SourceFrame> source_frames(const Function& function, Address pc) const;

  /// A template of the printed arguments of `function` at `pc`: literal text in which '\x01' stands
  /// for a word in hexadecimal and '\x02' for one with '?' behind (not live at `pc`), with the
  /// offset from argp and the size in bytes of each word (traceback.go: printArgs).
  struct Arguments {
    std::string text;
    struct Word {
      std::uint8_t offset = 0, size = 0;
    };
    std::vector<Word> words;
  };
  Arguments arguments(const Function& function, Address pc) const;

  const std::vector<Module>& modules() const;
  const Release& release() const;
  std::size_t size() const;  ///< functions in all modules

 private:
  struct Tables;
  explicit FunctionTable(std::unique_ptr<Tables> tables);
  std::unique_ptr<Tables> tables_;
};

}  // namespace chanspect::go
