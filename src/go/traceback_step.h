#pragma once

#include <cstdint>
#include <vector>

#include "go/function_table.h"
#include "go/shown_frames.h"
#include "go/traceback.h"

namespace chanspect::go {

/// What the pclntab says of one return address, wherever it stands in a stack.
struct StackTrie::Step {
  struct LogicalFrame {
    SourceFrame source;
    FrameClass shape;
  };

  Address pc = 0;
  Address symbol_pc = 0;  ///< what `pc` was looked up as (traceback.go: symPC)
  Function function;
  std::uint32_t frame_size = 0;   ///< from sp to the caller's sp, in bytes
  bool frame_size_known = false;  ///< otherwise the stack cannot be followed further
  bool leaf_frame = false;        ///< its return address is still in the link register
  bool injected = false;          ///< a signal handler pretended that its caller called it
  bool makes_caller_exact = false;
  std::vector<LogicalFrame> frames;  ///< innermost first; never empty
  bool arguments_known = false;
  FunctionTable::Arguments arguments;
};

}  // namespace chanspect::go
