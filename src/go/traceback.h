#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "go/function_table.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace chanspect::go {

/// Where unwinding starts: the saved registers of a parked goroutine (g.sched), of one in a syscall
/// (g.syscallpc/sp), or of a stopped thread.
struct UnwindStart {
  Address pc = 0;
  Address sp = 0;
  Address stack_hi = 0;  ///< end of the goroutine's stack
  bool in_syscall = false;
  bool exact_pc =
      false;  ///< pc is of an instruction about to run (a stopped thread), not a call's return
};

/// How much of a stack is wanted.
enum class StackDepth : std::uint8_t {
  site,  ///< up to the first frame that a person would name as the place of waiting
  full,
};

/// The bytes of a stack that the caller has read: [address, address + bytes.size()).
struct StackWindow {
  Address address = 0;
  Bytes bytes;
};

/// A trie of stacks, leaf at the root of the trie: each distinct (stack so far, return pc) is
/// looked up in the pclntab once, and equal stacks end in the same node. One per thread; `add_to`
/// then merges each into a Snapshot.
class StackTrie {
 public:
  explicit StackTrie(const FunctionTable& functions);

  using NodeId = std::uint32_t;
  static constexpr NodeId kNoNode = 0xffffffff;

  struct Outcome {
    NodeId node = kNoNode;
    enum class End : std::uint8_t {
      complete,      ///< reached a top frame
      site_reached,  ///< stopped on purpose (StackDepth::site)
      window_short,  ///< needs bytes at and above `wanted`: call again with a larger window
      broken,        ///< an unknown pc, frame size or impossible sp; frames so far are good
    } end = End::broken;
    Address wanted = 0;
  };

  /// Unwinds one stack. With `arguments`, appends the words of the printed arguments of each frame
  /// that runtime.Stack shows, leaf first, as the snapshot's `argument_words` wants them (only when
  /// the outcome is complete or broken; nothing is appended otherwise).
  Outcome trace(const UnwindStart& start, const StackWindow& window, StackDepth depth,
                std::vector<std::uint64_t>* arguments);

  /// Adds this trie's stacks to `snapshot` (interned: equal stacks of different tries get one id)
  /// and returns for each node the id of the stack that ends there; kNone for nodes where none
  /// ends.
  std::vector<snapshot::StackId> add_to(snapshot::Snapshot& snapshot) const;

 private:
  struct Node;
  struct Step;
  const FunctionTable* functions_;
  std::vector<Node> nodes_;
};

}  // namespace chanspect::go
