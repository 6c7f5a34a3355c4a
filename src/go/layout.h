#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "go/release.h"

/// Where the fields of the runtime's structs lie, by release. Layouts are data: from the table made
/// of the toolchains' own DWARF, or from the DWARF of the target where its release is unknown.
namespace chanspect::binary {
class Elf;
}

namespace chanspect::go {

/// The place of a field of type T in a struct of the target; absent where the release has no such
/// field.
template <class T>
struct Field {
  static constexpr std::uint32_t kAbsent = 0xffffffff;
  std::uint32_t offset = kAbsent;

  bool present() const { return offset != kAbsent; }
};

/// Bytes of one of the runtime's structs with its layout: `Structure(bytes,
/// layout.g)[&GLayout::goid]`. A field that is absent or lies outside the bytes reads as zero;
/// `get` tells the difference.
template <class Layout>
class Structure {
 public:
  Structure(Bytes bytes, const Layout& layout) : bytes_(bytes), layout_(&layout) {}

  template <class T>
  std::optional<T> get(Field<T> Layout::* field) const {
    const Field<T>& f = layout_->*field;
    return f.present() ? load<T>(bytes_, f.offset) : std::nullopt;
  }
  template <class T>
  T operator[](Field<T> Layout::* field) const {
    return get(field).value_or(T{});
  }

 private:
  Bytes bytes_;
  const Layout* layout_;
};

using U64 = Field<std::uint64_t>;
using I64 = Field<std::int64_t>;
using U32 = Field<std::uint32_t>;
using I32 = Field<std::int32_t>;
using U16 = Field<std::uint16_t>;
using U8 = Field<std::uint8_t>;

struct GLayout {  // runtime2.go: type g
  std::uint32_t size = 0;
  U64 stack_lo, stack_hi, m, sched_sp, sched_pc, sched_g, sched_lr, sched_bp, syscallsp, syscallpc,
      syscallbp, stktopsp;
  U64 param, goid, schedlink, gopc, startpc, waiting, labels, parent_goid, lockedm, ancestors;
  U32 atomicstatus, select_done;
  I64 waitsince;
  U8 waitreason, parking_on_chan, active_stack_chans, tracking_seq, async_safe_point;
  U64 bubble;  // syncGroup in 1.24
};

struct SudogLayout {  // runtime2.go: type sudog; elem and c are the traceable word's truth (vu)
                      // from 1.26
  std::uint32_t size = 0;
  U64 g, next, prev, elem, parent, waitlink, waittail, c;
  U32 ticket;
  U8 is_select, success;
};

struct HchanLayout {  // chan.go: type hchan
  std::uint32_t size = 0;
  U64 qcount, dataqsiz, buf, elemtype, sendx, recvx, recvq_first, recvq_last, sendq_first,
      sendq_last;
  U64 timer, lock_key;
  U16 elemsize;
  U32 closed;
};

struct MLayout {  // runtime2.go: type m
  std::uint32_t size = 0;
  U64 g0, gsignal, curg, p, procid, alllink, lockedg, vdso_sp, vdso_pc;
  U8 incgo;
  U32 ncgo;
};

struct PLayout {  // runtime2.go: type p
  std::uint32_t size = 0;
  I32 id;
  U32 status, schedtick;
  U64 m;
  I64 sched_when, syscall_when;  ///< CLOCK_MONOTONIC, ns: when the monitor last saw a change
  U64 timers;                    ///< a slice: of *timer up to 1.22, of {*timer, when} from 1.23 on
};

struct TimerLayout {  // time.go: type timer
  std::uint32_t size = 0;
  U64 arg;     ///< an interface: type, then the word itself
  U32 status;  ///< up to 1.22
  U8 state;    ///< from 1.23 on
};

struct SemaRootLayout {  // sema.go: type semaRoot
  std::uint32_t size = 0;
  U64 treap;
  U32 nwait;
  std::uint32_t stride = 0;  ///< distance of the roots in semtable (padded to a cache line)
  static constexpr std::uint32_t kTableSize = 251;
};

struct SchedLayout {  // runtime2.go: type schedt
  std::uint32_t size = 0;
  I64 lastpoll;  ///< CLOCK_MONOTONIC, ns; 0 while it polls
  I64 mnext;     ///< number of m's ever made; nmfreed lies behind maxmcount behind it
};

struct BubbleLayout {  // synctest.go: type synctestBubble (1.24: synctestGroup); from 1.24 on
  U64 id;              ///< from 1.25 on
  U64 root;            ///< the g at its root, by whose goid 1.24 calls it
};

struct MstatsLayout {  // mstats.go: type mstats
  std::uint32_t size = 0;
  U32 numgc;
  I64 last_gc;  ///< CLOCK_MONOTONIC, ns: the end of the last cycle
};

/// All layouts of one release.
struct RuntimeLayout {
  Release release;
  std::string source;  ///< "table go1.26", "DWARF of the executable": for -v and JSON
  GLayout g;
  SudogLayout sudog;
  HchanLayout hchan;
  MLayout m;
  PLayout p;
  TimerLayout timer;
  SemaRootLayout sema_root;
  SchedLayout sched;
  BubbleLayout bubble;
  MstatsLayout mstats;
};

/// The layout of a release from the built-in table, on the architecture that the release says.
/// `unknown_release` names the nearest known one when the table does not reach to it.
Result<RuntimeLayout> layout_from_table(const Release& release);

/// The layout of the release nearest to one that the table does not reach to, for lack of better.
/// Its `source` says that it is inferred: not to be believed before it is held against the program
/// (see check_layout_by_code).
Result<RuntimeLayout> layout_of_nearest(const Release& release);

/// The layout from the DWARF of the executable; `unsupported` when it has none.
Result<RuntimeLayout> layout_from_dwarf(const binary::Elf& elf, const Release& release);

/// What to use for an executable: the table where it knows the release, else DWARF, else a refusal
/// that names the nearest release.
Result<RuntimeLayout> choose_layout(const binary::Elf& elf, const Release& release);

}  // namespace chanspect::go
