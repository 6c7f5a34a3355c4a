// Unwinding as runtime/traceback.go does it: (*unwinder).initAt, resolveInternal, next.

#include "go/traceback.h"

#include <algorithm>
#include <utility>

#include "go/traceback_step.h"

namespace chanspect::go {
namespace {

constexpr std::uint32_t kNoStep = 0xffffffff;
constexpr std::uint32_t kDeepestStack = 1'000'000;  // frames
constexpr std::size_t kMostNodes = 1U << 25;        // some 1.5 GB: a stack more is not unwound
constexpr std::size_t kFewestSlots = 1U << 10;

// signal_arm64.go: before it pretends a call, the handler saves the link register at the sp,
// lowered by this much.
constexpr std::uint32_t kInjectedSize = stack_alignment(Arch::arm64);

// Parents of the innermost frames, by how their pc is to be understood.
constexpr StackTrie::NodeId kRootParked = 0xfffffff0, kRootSyscall = 0xfffffff1,
                            kRootExact = 0xfffffff2, kRootExactSyscall = 0xfffffff3;

bool is_root(StackTrie::NodeId node) {
  return node >= kRootParked;
}
bool is_exact_root(StackTrie::NodeId node) {
  return is_root(node) && node >= kRootExact;
}
bool is_syscall_root(StackTrie::NodeId node) {
  return node == kRootSyscall || node == kRootExactSyscall;
}

/// A word of the stack; nothing when the window does not hold it.
template <class T>
std::optional<T> read_stack(const StackWindow& window, Address address) {
  if (address < window.address) return std::nullopt;
  return load<T>(window.bytes, address - window.address);
}

}  // namespace

/// One stack on its way from the innermost frame outwards.
struct StackTrie::Walk {
  const UnwindStart& start;
  const StackWindow& window;
  bool arguments = false;

  bool within_stack(Address address) const { return address < start.stack_hi; }
};

StackTrie::StackTrie(const FunctionTable& functions)
    : functions_(&functions),
      link_register_(uses_link_register(functions.release().arch)),
      argument_slots_(min_frame_size(functions.release().arch)),
      exact_after_preemption_(functions.release().minor >= 21),
      slots_(kFewestSlots, kNoNode) {}
StackTrie::StackTrie(StackTrie&&) noexcept = default;
StackTrie& StackTrie::operator=(StackTrie&&) noexcept = default;
StackTrie::~StackTrie() = default;

StackTrie::Outcome StackTrie::trace(const UnwindStart& start, const StackWindow& window,
                                    StackDepth depth, std::vector<std::uint64_t>* arguments) {
  using End = Outcome::End;
  const Walk walk{start, window, arguments != nullptr};
  arguments_wanted_ |= walk.arguments;
  words_.clear();
  unshown_words_.clear();

  Address sp = start.sp;
  Address pc = start.pc;
  Address lr = start.lr;
  if (pc == 0 && lr != 0) {  // most likely a call of a nil function: start in the caller's frame
    pc = std::exchange(lr, 0);
  } else if (pc == 0) {
    const auto caller = read_stack<Address>(window, sp);
    if (!caller) return {kNoNode, walk.within_stack(sp) ? End::window_short : End::broken, sp};
    pc = *caller;
    if (!link_register_) sp += sizeof(Address);
  }

  Outcome outcome;
  NodeId next = child_of(root_of(start), pc);
  for (std::uint32_t count = 0; next != kNoNode && count < kDeepestStack; ++count) {
    outcome.node = next;
    const Node& node = nodes_[next];  // good until child_of adds one
    const Address caller_sp = sp + node.frame_size;
    if (walk.arguments)
      if (const auto missing = collect(walk, node, caller_sp + argument_slots_))
        return {kNoNode, End::window_short, *missing};
    if (node.next == Node::Next::top) {
      outcome.end = End::complete;
      break;
    }
    if (depth == StackDepth::site && node.has_site) {
      outcome.end = End::site_reached;
      break;
    }
    const Address slot = sp + static_cast<Address>(std::int64_t{node.return_slot});
    std::optional<Address> caller_pc;
    if (node.next != Node::Next::caller) {
      if (node.next == Node::Next::stop) break;
      if (lr != 0) caller_pc = lr;
    }
    if (!caller_pc) caller_pc = read_stack<Address>(window, slot);
    if (!caller_pc) {
      if (slot < window.address || !walk.within_stack(slot)) break;
      return {kNoNode, End::window_short, slot};
    }
    sp = caller_sp;
    next = node.child_pc == *caller_pc && node.child != kNoNode ? node.child
                                                                : child_of(next, *caller_pc);
  }
  if (outcome.node == kNoNode) return outcome;
  nodes_[outcome.node].ends = true;
  if (walk.arguments && outcome.end != End::site_reached) {
    const auto& words = nodes_[outcome.node].shown_any ? words_ : unshown_words_;
    arguments->insert(arguments->end(), words.begin(), words.end());
  }
  return outcome;
}

/// Reads the printed arguments of a frame. Until a frame is shown, hidden ones count too: a stack
/// of which runtime.Stack would show nothing it shows whole. Returns the first address that the
/// window lacks.
std::optional<Address> StackTrie::collect(const Walk& walk, const Node& node, Address argp) {
  if (node.shown_any && !node.shown) return std::nullopt;
  Step& step = steps_[node.step];
  if (!step.arguments_known) resolve_arguments(step);
  for (const auto& word : step.arguments.words) {
    const Address address = argp + word.offset;
    auto value = read_stack<std::uint64_t>(walk.window, address);
    if (value && word.size < sizeof(*value)) *value &= (1ULL << (8 * word.size)) - 1;
    if (!value) value = read_bytes(walk, address, word.size);
    if (!value) return address;
    if (node.shown) words_.push_back(*value);
    if (!node.shown_any) unshown_words_.push_back(*value);
  }
  return std::nullopt;
}

/// A word of `size` bytes at the very end of the window or of the stack, beyond which it reads as
/// zero. Nothing when a larger window would hold it.
std::optional<std::uint64_t> StackTrie::read_bytes(const Walk& walk, Address address,
                                                   std::uint8_t size) {
  std::uint64_t value = 0;
  for (std::uint8_t i = 0; i < size; ++i) {
    const auto byte = read_stack<std::uint8_t>(walk.window, address + i);
    if (!byte && walk.within_stack(address + i)) return std::nullopt;
    value |= std::uint64_t{byte.value_or(0)} << (8 * i);
  }
  return value;
}

void StackTrie::resolve_arguments(Step& step) {
  step.arguments = functions_->arguments(step.function, step.symbol_pc);
  step.arguments_known = true;
}

StackTrie::NodeId StackTrie::root_of(const UnwindStart& start) const {
  if (start.exact_pc) return start.in_syscall ? kRootExactSyscall : kRootExact;
  return start.in_syscall ? kRootSyscall : kRootParked;
}

/// The node for return address `pc` behind `parent`; kNoNode when no function holds it.
StackTrie::NodeId StackTrie::child_of(NodeId parent, Address pc) {
  const std::size_t slot = slot_of(parent, pc);
  const NodeId child = slots_[slot] != kNoNode ? slots_[slot] : add_child(parent, pc, slot);
  if (child != kNoNode && !is_root(parent)) {
    nodes_[parent].child_pc = pc;
    nodes_[parent].child = child;
  }
  return child;
}

std::size_t StackTrie::slot_of(NodeId parent, Address pc) const {
  const std::uint64_t mixed = (pc ^ (std::uint64_t{parent} << 32)) * 0x9e3779b97f4a7c15;
  for (std::size_t slot = mixed >> 20;; ++slot) {
    slot &= slots_.size() - 1;
    const NodeId node = slots_[slot];
    if (node == kNoNode || (nodes_[node].parent == parent && nodes_[node].pc == pc)) return slot;
  }
}

void StackTrie::grow_slots() {
  slots_.assign(slots_.size() * 2, kNoNode);
  for (NodeId node = 0; node < nodes_.size(); ++node)
    slots_[slot_of(nodes_[node].parent, nodes_[node].pc)] = node;
}

StackTrie::NodeId StackTrie::add_child(NodeId parent, Address pc, std::size_t slot) {
  const Node* inner = is_root(parent) ? nullptr : &nodes_[parent];
  const bool exact =
      inner != nullptr ? steps_[inner->step].makes_caller_exact : is_exact_root(parent);
  const std::uint32_t number = nodes_.size() < kMostNodes ? step_at(pc, exact) : kNoStep;
  if (number == kNoStep) return kNoNode;
  const Step& step = steps_[number];

  Node node;
  node.pc = pc;
  node.parent = parent;
  node.step = number;
  find_caller(node, step);
  node.shown_any = inner != nullptr && inner->shown_any;
  FuncId callee = inner != nullptr ? steps_[inner->step].function.id : FuncId::normal;
  for (const Step::LogicalFrame& frame : step.frames) {
    node.shown = is_shown(frame.shape, !node.shown_any, callee);
    node.shown_any |= node.shown;
    node.has_site |= node.shown && !frame.shape.passing;
    callee = frame.source.id;
  }

  const auto id = static_cast<NodeId>(nodes_.size());
  nodes_.push_back(node);
  slots_[slot] = id;
  if (nodes_.size() * 2 > slots_.size()) grow_slots();
  return id;
}

/// Where the return address of a frame is (traceback.go: resolveInternal; next, for what an
/// injected call leaves). `node` knows its pc and parent.
void StackTrie::find_caller(Node& node, const Step& step) const {
  node.frame_size = step.frame_size;
  // cgocallback writes sp, but both its stacks can be unwound; a system call's pc and sp were saved
  // before sp was written.
  const bool sp_is_good = !step.function.sp_write || step.function.id == FuncId::cgocallback ||
                          is_syscall_root(node.parent);
  if (step.function.top_frame) {
    node.next = Node::Next::top;
    return;
  }
  if (!step.frame_size_known || !sp_is_good) return;
  node.next = Node::Next::caller;
  if (!link_register_) {
    node.return_slot = static_cast<std::int32_t>(step.frame_size - sizeof(Address));
    return;
  }
  if (!step.leaf_frame) return;  // it is at sp
  if (is_root(node.parent)) {
    node.next = Node::Next::caller_in_register;
  } else if (steps_[nodes_[node.parent].step].injected) {
    node.return_slot = -static_cast<std::int32_t>(kInjectedSize);
  } else if (nodes_[node.parent].pc == node.pc && nodes_[node.parent].frame_size == 0) {
    node.next = Node::Next::stop;  // traceback stuck
  }
}

/// Looks `pc` up, once. `exact`: the instruction at pc was about to run (a trap, a preemption), so
/// it is not the return address of a call. Up to 1.20 the runtime knows of sigpanic only.
std::uint32_t StackTrie::step_at(Address pc, bool exact) {
  constexpr Address kLastUserAddress = 1ULL << 56;
  if (pc >= kLastUserAddress) return kNoStep;
  const auto [found, is_new] = step_by_pc_.try_emplace(pc << 1 | (exact ? 1 : 0), kNoStep);
  if (!is_new) return found->second;
  const auto function = functions_->find(pc);
  if (!function) {
    step_by_pc_.erase(found);
    return kNoStep;
  }
  Step step;
  step.pc = pc;
  step.function = *function;
  step.symbol_pc = exact || pc == function->entry ? pc : pc - 1;
  step.injected = function->id == FuncId::sigpanic || function->id == FuncId::async_preempt ||
                  function->id == FuncId::debug_call;
  step.makes_caller_exact =
      step.injected && (exact_after_preemption_ || function->id == FuncId::sigpanic);
  measure_frame(step);
  for (const SourceFrame& source : functions_->source_frames(*function, step.symbol_pc)) {
    const FrameClass shape = classify(source.function, source.id, functions_->release());
    step.frames.push_back({source, shape});
  }
  if (step.frames.empty()) return kNoStep;
  step.frames.back().source.offset = static_cast<std::uint32_t>(pc - function->entry);
  found->second = static_cast<std::uint32_t>(steps_.size());
  steps_.push_back(std::move(step));
  return found->second;
}

void StackTrie::measure_frame(Step& step) const {
  const auto delta = functions_->sp_delta(step.function, step.pc);
  if (!delta) return;
  step.frame_size_known = true;
  step.frame_size = static_cast<std::uint32_t>(*delta);
  step.leaf_frame = link_register_ && *delta == 0;
  if (!link_register_)
    step.frame_size += sizeof(Address);  // the call pushed the return address
  else if (step.injected)
    step.frame_size += kInjectedSize;
}

}  // namespace chanspect::go
