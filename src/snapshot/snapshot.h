#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/raw_vector.h"
#include "base/string_table.h"

/// What was seen of a Go program, as plain data: no behaviour beyond lookup, no knowledge of where
/// it came from. Everything that repeats (functions, files, frames, stacks, labels, types) is
/// stored once and named by a dense 32-bit id; a goroutine is a small record of fixed size, so that
/// a million goroutines fit in a few hundred MB.
namespace chanspect::snapshot {

using Address = std::uint64_t;
using FrameId = std::uint32_t;
using StackId = std::uint32_t;
using ChannelId = std::uint32_t;
using LabelsId = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffff;  ///< "no such id", for every kind of id
inline constexpr std::int64_t kUnknown = -1;        ///< "not known", for every length of time

/// g.atomicstatus without the scan bit (runtime/runtime2.go).
enum class Status : std::uint8_t {
  idle = 0,
  runnable = 1,
  running = 2,
  syscall = 3,
  waiting = 4,
  dead = 6,
  copystack = 8,
  preempted = 9,
  leaked = 10,     // 1.26 and later
  deadextra = 11,  // 1.26 and later
  unknown = 255,
};

/// What a waiting goroutine waits for, told from the runtime's wait reason and, where the reason
/// alone is too coarse (`semacquire` up to 1.19), from its frames.
enum class WaitKind : std::uint8_t {
  none,  // not waiting
  chan_receive,
  chan_send,
  chan_receive_nil,
  chan_send_nil,
  select,
  select_no_cases,
  mutex,
  rwmutex_read,
  rwmutex_write,
  wait_group,
  cond,
  semaphore,  // some other user of the runtime's semaphores
  io,
  sleep,
  syscall,
  gc,       // the runtime's own work for the collector
  runtime,  // the runtime's other work: finalizer wait, force gc (idle), …
  other,
};

enum class Direction : std::uint8_t { unknown, receive, send };

/// A source position in a function, one frame of a stack. `offset` is pc - function entry as
/// runtime.Stack prints it after `+0x`; it is 0 and not printed for an inlined frame.
struct Frame {
  Address pc = 0;
  StringId function = 0;   ///< full name, generics whole: "main.(*Queue[go.shape.int]).Push"
  StringId file = 0;       ///< as the binary records it
  std::uint32_t line = 0;  ///< 0 when not known
  std::uint32_t offset = 0;
  StringId arguments = 0;           ///< template of the printed arguments, see `argument_words`
  std::uint8_t argument_count = 0;  ///< words of `argument_words` that the template takes
  bool inlined = false;
  bool runtime = false;  ///< belongs to package runtime, or to the packages that are part of it
};

/// One frame's place in a stack. Whether runtime.Stack prints a frame depends on its neighbours (a
/// wrapper is hidden unless it was called by the runtime), so the mark is here.
struct StackFrame {
  FrameId frame = kNone;
  bool hidden = false;  ///< runtime.Stack (at its default level) leaves it out
};

/// Distinct stacks, leaf first. Many goroutines share one.
struct Stack {
  std::uint32_t first = 0;  ///< index into Snapshot::stack_frames
  std::uint32_t count = 0;
  std::uint32_t site =
      kNone;             ///< index within the stack of the frame that a person would call the
                         ///< place of waiting: the first beyond the runtime, sync and internals
  bool complete = true;  ///< false: unwinding was cut on purpose or failed part-way
};

/// One thing that a goroutine waits on: a case of a select, the one channel of a send or receive,
/// or a lock. A select has one for each non-nil channel case.
struct Wait {
  Address object = 0;  ///< hchan or lock address in the target; 0: the runtime does not tell
  Address sudog = 0;   ///< 0 when there is none
  Address elem = 0;    ///< sudog.elem: where the value is sent from or received to
  std::uint32_t goroutine = 0;  ///< index into Snapshot::goroutines
  ChannelId channel = kNone;    ///< for channel waits
  Direction direction = Direction::unknown;
  bool select = false;
};

/// A goroutine at one instant. `settled` says that all parts of the row were proven to belong to
/// the same instant; where false, only `id`, `status` and `address` can be relied on.
struct Goroutine {
  std::uint64_t id = 0;
  std::uint64_t parent_id = 0;  ///< 0: unknown (before 1.21) or none
  Address address = 0;          ///< of the runtime's g
  std::int64_t wait_ns =
      kUnknown;                  ///< a lower bound of how long it has waited; kUnknown if not known
  std::uint32_t first_wait = 0;  ///< index into Snapshot::waits
  std::uint32_t wait_count = 0;
  std::uint32_t first_argument = kNone;  ///< index into Snapshot::argument_words; kNone: not read
  StackId stack = kNone;                 ///< kNone: not read, or the goroutine runs
  FrameId creator = kNone;               ///< the `go` statement that made it
  LabelsId labels = kNone;
  std::uint32_t bubble = kNone;  ///< index into Snapshot::bubbles
  std::uint32_t thread = 0;      ///< tid of the m it runs on or is locked to; 0: none
  StringId reason = 0;           ///< the runtime's words: "chan receive"; empty when not waiting
  Status status = Status::unknown;
  WaitKind kind = WaitKind::none;
  std::uint8_t park_sequence = 0;  ///< g.trackingSeq: changes at each park, for comparing two looks
  bool system : 1 = false;         ///< one of the runtime's own goroutines
  bool locked : 1 = false;         ///< locked to a thread
  bool scanning : 1 = false;       ///< the GC was scanning it (_Gscan)
  bool settled : 1 = true;
  bool leaked : 1 = false;  ///< the target's own GC has found it leaked (1.26 and later)
};

/// A channel on which somebody waits.
struct Channel {
  Address address = 0;
  Address elem_type_address = 0;
  Address buffer = 0;
  std::uint64_t length = 0;    ///< qcount
  std::uint64_t capacity = 0;  ///< dataqsiz
  std::uint64_t send_index = 0;
  std::uint64_t receive_index = 0;
  std::uint64_t lock = 0;  ///< hchan.lock.key as read
  StringId elem_type = 0;  ///< "*main.Callback"; empty when not readable
  std::uint32_t elem_size = 0;
  std::uint32_t first_receiver = 0;  ///< index into Snapshot::queue; receivers in queue order
  std::uint32_t receiver_count = 0;
  std::uint32_t first_sender = 0;  ///< likewise for senders
  std::uint32_t sender_count = 0;
  std::uint32_t waiters_before = kNone;  ///< with --watch: goroutines waiting at the first look
  bool closed = false;
  bool timer = false;  ///< a time.Timer or time.Ticker sends on it; where its settings are those of
                       ///< before 1.23, only while the timer is running
  bool settled = true;  ///< fields and both queues were seen to agree
};

/// pprof labels of a goroutine, in the runtime's order.
using Labels = std::vector<std::pair<StringId, StringId>>;

enum class StopMode : std::uint8_t { none, freeze };

enum class SourceKind : std::uint8_t { process, core };

/// Where the snapshot comes from and how it was taken.
struct Source {
  SourceKind kind = SourceKind::process;
  std::string path;         ///< of the core; empty for a process
  std::int32_t signal = 0;  ///< of a core: that ended the process; 0: none, or not known
  std::int32_t pid = 0;
  std::string name;           ///< base name of the executable, or what the user gave
  std::string executable;     ///< path as the target sees it
  std::string go_version;     ///< "go1.26.8"
  std::string build_id;       ///< GNU or Go build id, hexadecimal or as text; may be empty
  std::string layout_source;  ///< "table go1.26", "DWARF of the executable"
  std::string symbol_source;  ///< what told the runtime's variables: "symbol table", or for a
                              ///< stripped program how each was found
  std::int64_t uptime_ns = kUnknown;
  std::int64_t taken_unix_ns = 0;       ///< wall clock when reading began
  std::int64_t read_ns = 0;             ///< from the first goroutine byte to the last
  std::int64_t stopped_ns = 0;          ///< how long the target stood still
  std::int64_t watched_ns = 0;          ///< with --watch: distance of the two looks, else 0
  std::uint64_t goroutines_before = 0;  ///< with --watch: goroutines at the first look
  StopMode stop = StopMode::none;
  bool prints_labels =
      false;  ///< its runtime.Stack shows labels (GODEBUG tracebacklabels, 1.26 on)
};

/// One step of the capture, for -v.
struct Phase {
  std::string name;
  std::int64_t ns = 0;
  std::uint64_t bytes = 0;
};

/// How whole the answer is.
struct Completeness {
  std::uint64_t goroutines_listed = 0;  ///< entries of allgs, dead ones too
  std::uint64_t dead = 0;
  std::uint64_t unsettled =
      0;  ///< moved at each look, so not stuck: their rows have settled = false
  std::uint64_t unreadable = 0;  ///< some memory of theirs could not be read: rows may be missing
  std::uint64_t channels_unsettled = 0;
  std::uint64_t gc_cycles = 0;  ///< GC cycles that the target has finished
  bool gc_known = false;
  std::vector<std::string> notes;  ///< what a person should know, one sentence each
};

struct Snapshot {
  Source source;
  Completeness completeness;
  std::vector<Phase> phases;

  StringTable strings;
  std::vector<Frame> frames;
  std::vector<StackFrame> stack_frames;
  std::vector<Stack> stacks;
  std::vector<Labels> labels;
  std::vector<std::uint64_t> bubbles;  ///< numbers of the bubbles of testing/synctest, by which the
                                       ///< runtime calls them (1.24: of the goroutine at its root)
  RawVector<Goroutine> goroutines;     ///< in the order of the runtime's allgs, dead ones left out
  RawVector<Wait> waits;               ///< those of one goroutine are adjacent, in lock order
  std::vector<Channel> channels;       ///< ascending by address
  std::vector<std::uint32_t> queue;    ///< indices into waits: the channels' queues, front first

  /// Values of the arguments of each goroutine's frames, leaf first. A template is literal text in
  /// which '\x01' stands for the next word in hexadecimal and '\x02' for the same with '?' behind
  /// (the runtime cannot vouch for it). Frames that runtime.Stack hides take no words.
  std::vector<std::uint64_t> argument_words;
};

}  // namespace chanspect::snapshot
