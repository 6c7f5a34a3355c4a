#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proof/object_graph.h"
#include "proof/rows.h"

/// What a proof is made of: everything that holds something else, all seen at one instant, without
/// the bytes that it was found in.
namespace chanspect::proof {

using GoroutineIndex = std::uint32_t;  ///< into Snapshot::goroutines

/// One thing that a goroutine waits for, and where it lies.
struct WaitedFor {
  enum class Place : std::uint8_t {
    heap,       ///< in the object `number`
    stack,      ///< on the stack of the goroutine `number`
    global,     ///< in a variable of the program, which everybody can reach
    elsewhere,  ///< memory that is not Go's to collect: nobody can tell who reaches it
  };
  Place place = Place::elsewhere;
  std::uint32_t number = 0;
};

/// What a goroutine has to do with the proof.
enum class Role : std::uint8_t {
  goes_on,     ///< runs, or waits for something outside the program: what it holds is live
  candidate,   ///< goes on only if somebody acts on what it waits for
  unfathomed,  ///< waits in a way that is not understood: live, and never proven
};

/// Something beside the goroutines that keeps objects alive.
struct OtherRoot {
  enum class Kind : std::uint8_t {
    timer,     ///< a running timer: what its function can reach
    global,    ///< a word of a module's data
    pinned,    ///< runtime.Pinner, for C
    c_memory,  ///< a word of memory that is not Go's
    runtime,   ///< a list of the runtime's own
  };
  Kind kind = Kind::global;
  std::uint64_t address = 0;  ///< of the word or of the timer
};

/// A weak.Pointer's handle: it keeps nothing alive, and yet can hand out its object for as long as
/// the object lives.
struct WeakHandle {
  ObjectId handle = kNoObject, object = kNoObject;
};

/// A finalizer or a cleanup: runs when nothing else holds `object` any more.
struct Farewell {
  ObjectId object = kNoObject;
  std::vector<ObjectId> function;  ///< its closure; and `object`, which a finalizer is given
};

struct Evidence {
  ObjectGraph graph;

  std::vector<Role> roles;      ///< by goroutine
  Rows<ObjectId> holds;         ///< by goroutine: what its stack, its g and its defers point to
  Rows<ObjectId> surely_holds;  ///< of `holds`, what the compiler's own maps say (no guesses)
  Rows<WaitedFor> waits_for;    ///< by goroutine; of candidates. Empty: nothing can wake it

  std::vector<OtherRoot> others;  ///< in the order of their kinds
  Rows<ObjectId> others_hold;     ///< parallel
  std::vector<Farewell> farewells;
  std::vector<WeakHandle> weak;

  /// What could not be read or understood, each for a person to read. Whatever was missed might
  /// hold anything: with one of these nothing is proven.
  std::vector<std::string> doubts;
};

}  // namespace chanspect::proof
