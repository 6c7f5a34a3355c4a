#include "capture/block_reader.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace chanspect::capture {
namespace {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC, by which g.waitsince counts too

constexpr std::uint32_t kMostCases = 65536;  // reflect and the compiler allow no more in a select
constexpr std::uint64_t kMostStack = std::uint64_t{1} << 30;  // proc.go: maxstacksize

/// Up to 1.25 these have no g.waiting; semtable knows their sudogs.
bool waits_for_semaphore(snapshot::WaitKind kind) {
  using snapshot::WaitKind;
  return kind == WaitKind::mutex || kind == WaitKind::rwmutex_read ||
         kind == WaitKind::rwmutex_write || kind == WaitKind::wait_group ||
         kind == WaitKind::semaphore;
}

target::Range live_stack(const GFacts& g, std::uint32_t most) {
  if (!g.holds_still()) return {};
  const Address sp = g.in_syscall() ? g.syscall_sp : g.sched_sp;
  const bool sane = g.stack_lo < g.stack_hi && g.stack_hi - g.stack_lo <= kMostStack &&
                    g.stack_lo <= sp && sp < g.stack_hi;
  if (!sane) return {};
  return {sp, std::min<std::uint64_t>(most, g.stack_hi - sp)};
}

}  // namespace

BlockReader::BlockReader(const Runtime& runtime, const go::SemaphoreWaiters& semaphores)
    : runtime_(&runtime),
      semaphores_(&semaphores),
      g_size_(facts_size(runtime.layout.g)),
      first_(*runtime.memory),
      pieces_(*runtime.memory) {}

Result<void> BlockReader::read(std::span<const Address> goroutines, const BlockPlan& plan) {
  const auto begin = Clock::now();
  readings_.clear();
  waits_.clear();
  found_waits_.clear();
  found_by_.clear();
  pieces_.clear();

  CS_CHECK(look_first(goroutines));
  add_stacks(plan.stack_bytes);
  if (plan.channels) CS_CHECK(read_sudogs());
  add_channels();
  if (plan.verify) look_again(goroutines);
  CS_CHECK(pieces_.read());
  width_ns_ = std::chrono::nanoseconds(Clock::now() - begin).count();
  read_at_ns_ = std::chrono::nanoseconds(begin.time_since_epoch()).count();

  place_waits_in_queues();
  for (std::uint32_t i = 0; i < readings_.size(); ++i)
    if (plan.verify)
      readings_[i].verdict = compare(i, plan.channels);
    else if (readings_[i].verdict == Verdict::settled && readings_[i].facts.parked())
      readings_[i].verdict = fit_together(readings_[i], plan.channels);
  return {};
}

Result<void> BlockReader::look_first(std::span<const Address> goroutines) {
  first_.clear();
  for (const Address g : goroutines) first_.add(g, g_size_);
  CS_CHECK(first_.read());
  for (std::uint32_t i = 0; i < goroutines.size(); ++i) {
    Reading& reading = readings_.emplace_back();
    const Bytes bytes = first_[i];
    reading.facts = parse_g(goroutines[i], bytes, runtime_->layout.g);
    reading.verdict = bytes.empty()           ? Verdict::unreadable
                      : reading.facts.alive() ? Verdict::settled
                                              : Verdict::no_one;
  }
  return {};
}

/// A select's sudogs hang on each other by waitlink, so they are read level by level; those of one
/// select often lie close together and come along with the first.
Result<void> BlockReader::read_sudogs() {
  pending_.clear();
  for (std::uint32_t i = 0; i < readings_.size(); ++i) {
    const GFacts& g = readings_[i].facts;
    if (readings_[i].verdict != Verdict::settled || !g.parked()) continue;
    if (g.waiting != 0) {
      pending_.push_back({i, g.waiting, Gather::kNoPiece});
    } else if (waits_for_semaphore(runtime_->reason(g.wait_reason).kind)) {
      const Address hint = semaphores_->sudog_of(g.address);
      if (hint != 0) pending_.push_back({i, hint, Gather::kNoPiece});
    }
  }
  const std::uint32_t size = runtime_->layout.sudog.size;
  for (std::uint32_t level = 0; !pending_.empty() && level < kMostCases; ++level) {
    for (PendingSudog& sudog : pending_) sudog.piece = pieces_.add(sudog.address, size);
    CS_CHECK(pieces_.read());
    next_pending_.clear();
    for (const PendingSudog& sudog : pending_) note_sudog(sudog, pieces_[sudog.piece]);
    pending_.swap(next_pending_);
  }
  group_waits_by_reading();
  return {};
}

/// Notes a sudog and those behind it that are at hand; asks for the first that is not.
void BlockReader::note_sudog(const PendingSudog& pending, Bytes bytes) {
  using L = go::SudogLayout;
  Reading& reading = readings_[pending.reading];
  Address address = pending.address;
  for (;;) {
    if (bytes.empty()) {
      reading.partly_unreadable = reading.facts.waiting != 0;
      return;
    }
    const go::Structure sudog(bytes, runtime_->layout.sudog);
    SeenWait wait;
    wait.sudog = address;
    wait.channel = sudog[&L::c];
    wait.elem = sudog[&L::elem];
    wait.next = sudog[&L::next];
    wait.prev = sudog[&L::prev];
    wait.is_select = sudog[&L::is_select] != 0;
    const bool is_ours = sudog[&L::g] == reading.facts.address;
    if (reading.facts.waiting == 0 && (!is_ours || wait.channel != 0 || wait.elem == 0))
      return;  // semtable was read earlier, and this has changed since
    if (!is_ours) {
      reading.verdict = Verdict::moved;  // given back, perhaps to another goroutine
      return;
    }
    found_waits_.push_back(wait);
    found_by_.push_back(pending.reading);
    ++reading.wait_count;
    const Address link = wait.is_select ? sudog[&L::waitlink] : 0;
    if (link == 0 || reading.wait_count >= kMostCases) return;
    address = link;
    bytes = pieces_.find(link, runtime_->layout.sudog.size);
    if (bytes.empty()) {
      next_pending_.push_back({pending.reading, link, Gather::kNoPiece});
      return;
    }
  }
}

void BlockReader::group_waits_by_reading() {
  std::uint32_t at = 0;
  for (Reading& reading : readings_) {
    reading.first_wait = at;
    at += reading.wait_count;
    reading.wait_count = 0;
  }
  waits_.resize(found_waits_.size());
  for (std::size_t i = 0; i < found_waits_.size(); ++i) {
    Reading& reading = readings_[found_by_[i]];
    waits_[reading.first_wait + reading.wait_count++] = found_waits_[i];
  }
}

/// The stacks come with the first read after this.
void BlockReader::add_stacks(std::uint32_t stack_bytes) {
  if (stack_bytes == 0) return;
  for (Reading& reading : readings_) {
    if (reading.verdict != Verdict::settled) continue;
    reading.stack = live_stack(reading.facts, stack_bytes);
    if (reading.stack.size != 0)
      reading.stack_piece =
          pieces_.add(reading.stack.address, static_cast<std::uint32_t>(reading.stack.size));
  }
}

void BlockReader::add_channels() {
  channel_pieces_.assign(waits_.size(), Gather::kNoPiece);
  for (std::size_t i = 0; i < waits_.size(); ++i)
    if (waits_[i].channel != 0)
      channel_pieces_[i] = pieces_.add(waits_[i].channel, runtime_->layout.hchan.size);
}

/// The second reading of the g's comes after all that lies between, in the same system call.
void BlockReader::look_again(std::span<const Address> goroutines) {
  pieces_.then();
  for (std::size_t i = 0; i < goroutines.size(); ++i)
    readings_[i].again = pieces_.add(goroutines[i], g_size_);
  for (Reading& reading : readings_)
    if (reading.stack_piece != Gather::kNoPiece && moves_uncounted(reading.facts))
      reading.stack_again =
          pieces_.add(reading.stack.address, static_cast<std::uint32_t>(reading.stack.size));
}

/// Leaving a syscall (from 1.26 on) and switching between coroutines (from 1.23 on) does not go
/// through casgstatus, so g.trackingSeq does not tell: the stack itself must not have changed.
bool BlockReader::moves_uncounted(const GFacts& g) const {
  return g.in_syscall() || (g.parked() && runtime_->reason(g.wait_reason).text == "coroutine");
}

void BlockReader::place_waits_in_queues() {
  for (Reading& reading : readings_) {
    if (reading.stack_piece != Gather::kNoPiece && pieces_[reading.stack_piece].empty())
      reading.partly_unreadable = true;
    for (std::uint32_t i = 0; i < reading.wait_count; ++i) {
      SeenWait& wait = waits_[reading.first_wait + i];
      if (wait.channel == 0) continue;
      const Bytes hchan = pieces_[channel_pieces_[reading.first_wait + i]];
      if (hchan.empty()) {
        reading.partly_unreadable = true;
        wait.in_queue = true;  // nothing speaks against it
      } else {
        place_in_queue(wait, hchan, runtime_->layout.hchan);
      }
    }
  }
}

Verdict BlockReader::compare(std::uint32_t index, bool with_waits) {
  Reading& reading = readings_[index];
  if (reading.verdict == Verdict::unreadable) return Verdict::unreadable;
  const Bytes before = first_[index];
  const Bytes after = pieces_[reading.again];
  if (after.empty()) return Verdict::unreadable;
  const bool untouched = std::memcmp(before.data(), after.data(), g_size_) == 0;
  const GFacts again =
      untouched ? reading.facts : parse_g(reading.facts.address, after, runtime_->layout.g);

  if (reading.verdict == Verdict::no_one) return again.alive() ? Verdict::moved : Verdict::no_one;
  if (reading.facts.status == snapshot::Status::running)  // of which only that is said
    return again.status == snapshot::Status::running && again.goid == reading.facts.goid
               ? Verdict::settled
               : Verdict::moved;
  if (reading.verdict != Verdict::settled || !same_stop(reading.facts, again))
    return Verdict::moved;
  if (!reading.facts.holds_still()) return Verdict::moved;  // its stack is being copied
  if (reading.stack_again != Gather::kNoPiece &&
      !std::ranges::equal(pieces_[reading.stack_again], pieces_[reading.stack_piece]))
    return Verdict::moved;
  if (!reading.facts.parked()) return Verdict::settled;
  reading.unbroken = reading.facts.waitsince != 0 && reading.facts.waitsince == again.waitsince;
  return fit_together(reading, with_waits);
}

/// A goroutine that stands still can have been stopped on its way in or out of its wait.
Verdict BlockReader::fit_together(const Reading& reading, bool with_waits) const {
  if (is_being_woken(reading.facts)) return Verdict::moved;
  if (!with_waits || reading.partly_unreadable) return Verdict::settled;
  const auto kind = runtime_->reason(reading.facts.wait_reason).kind;
  return parts_fit(reading.facts, kind, waits(reading)) ? Verdict::settled : Verdict::moved;
}

}  // namespace chanspect::capture
