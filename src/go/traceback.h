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
/// (g.syscallpc/sp), or of a stopped thread. A thread that was stopped on its system stack (its sp
/// is not on the goroutine's own) says nothing; its goroutine goes on at g.sched, where
/// systemstack, mcall and morestack save it.
struct UnwindStart {
  Address pc = 0;
  Address sp = 0;
  Address stack_hi = 0;  ///< end of the goroutine's stack
  bool in_syscall = false;
  bool exact_pc =
      false;       ///< pc is of an instruction about to run (a stopped thread), not a call's return
  Address lr = 0;  ///< arm64: the link register (of a parked goroutine g.sched.lr); 0 in a syscall
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
  StackTrie(StackTrie&&) noexcept;
  StackTrie& operator=(StackTrie&&) noexcept;
  ~StackTrie();

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
  struct Step;
  struct Node {
    Address pc = 0;
    Address child_pc = 0;  ///< return address of `child`, the child last looked for
    NodeId child = kNoNode;
    NodeId parent = kNoNode;  ///< the next inner frame; a root of the trie for the innermost
    std::uint32_t step = 0;
    std::uint32_t frame_size = 0;  ///< from sp to the caller's sp, in bytes
    std::int32_t return_slot = 0;  ///< from sp to the return address, in bytes
    enum class Next : std::uint8_t {
      caller,
      caller_in_register,  ///< unless the link register is not known
      top,
      stop,
    } next = Next::stop;
    bool has_site = false;   ///< the first frame that a person would name is among its frames
    bool shown_any = false;  ///< runtime.Stack shows this or an inner frame
    bool shown : 1 = false;  ///< it shows the function itself
    bool ends : 1 = false;   ///< a stack ends here
  };
  struct Walk;
  class Interning;
  struct Spelling;

  NodeId root_of(const UnwindStart& start) const;
  NodeId child_of(NodeId parent, Address pc);
  NodeId add_child(NodeId parent, Address pc, std::size_t slot);
  void find_caller(Node& node, const Step& step) const;
  std::uint32_t step_at(Address pc, bool exact);
  void measure_frame(Step& step) const;
  void resolve_arguments(Step& step);
  void grow_slots();
  std::size_t slot_of(NodeId parent, Address pc) const;
  std::optional<Address> collect(const Walk& walk, const Node& node, Address argp);
  static std::optional<std::uint64_t> read_bytes(const Walk& walk, Address address,
                                                 std::uint8_t size);
  std::vector<std::uint32_t> steps_of(NodeId node) const;

  const FunctionTable* functions_;
  bool link_register_;            ///< see uses_link_register
  std::uint32_t argument_slots_;  ///< from the caller's sp to the arguments, in bytes
  bool exact_after_preemption_;   ///< 1.21 and later: see step_at
  bool arguments_wanted_ = false;
  std::vector<Node> nodes_;
  std::vector<NodeId> slots_;  ///< of nodes_, hashed by parent and pc; a power of two
  std::vector<Step> steps_;
  std::unordered_map<std::uint64_t, std::uint32_t> step_by_pc_;
  std::vector<std::uint64_t> words_, unshown_words_;  ///< of the stack being walked
};

}  // namespace chanspect::go
