#include "capture/harvester.h"

#include <algorithm>

namespace chanspect::capture {
namespace {

constexpr std::uint32_t kLargestBlock = 128;  // its bytes stay in the cache until they are used
constexpr std::uint32_t kFewest = 8;          // a block that took too long is halved down to this
constexpr std::uint32_t kGrowAfter = 8;       // blocks that were quick
constexpr int kTriesToBeNarrow = 3;
constexpr int kRounds = 8;                        // looks at a goroutine that moves
constexpr std::uint32_t kSiteWindow = 768;        // holds the frames up to the site of most
constexpr std::uint32_t kFullWindow = 32U << 10;  // whole stacks of nearly all
constexpr std::uint32_t kMostWindow = 16U << 20;

// 256 parks and wake-ups, after which g.trackingSeq is back where it was, take longer than this:
// two goroutines that hand a channel back and forth on one processor park every 226 ns.
constexpr std::int64_t kNarrow = 50'000;
constexpr std::uint64_t kBytesPerNs = 2;  // a slow machine's copying, for the allowance below

}  // namespace

Harvester::Harvester(const Runtime& runtime, const go::SemaphoreWaiters& semaphores,
                     const HarvestPlan& plan, std::uint32_t number)
    : runtime_(&runtime),
      plan_(&plan),
      reader_(runtime, semaphores),
      stacks_(*runtime.functions),
      system_(runtime),
      block_(number << 26),
      block_size_(plan.verify ? kLargestBlock / 4 : kLargestBlock),
      first_window_(!plan.stacks                         ? 0
                    : plan.depth == go::StackDepth::full ? kFullWindow
                                                         : kSiteWindow) {}

Result<void> Harvester::read(std::span<const Address> goroutines, std::uint32_t first_row,
                             std::span<snapshot::Goroutine> rows, Harvest& harvest) {
  Stretch stretch{goroutines, first_row, rows, &harvest};
  const auto count = static_cast<std::uint32_t>(goroutines.size());
  // Most wait for one thing, and selects for a few.
  harvest.waits.reserve(count + count / 4);
  harvest.links.reserve(count + count / 4);
  again_.clear();
  for (std::uint32_t begin = 0; begin < count;) {
    const std::uint32_t size = std::min(block_size_, count - begin);
    ++block_;
    CS_CHECK(reader_.read(goroutines.subspan(begin, size),
                          {plan_->verify, plan_->channels, first_window_}));
    if (!fit_block_size(size)) continue;
    for (std::uint32_t i = 0; i < size; ++i) {
      const Reading& reading = reader_.readings()[i];
      if (is_in_doubt(reading, kNarrow))
        again_.push_back({begin + i, first_window_});
      else
        take(stretch, begin + i, reading, first_window_);
    }
    begin += size;
  }
  return look_again(stretch);
}

/// Its two readings lie so far apart that it could have run in between and come back.
bool Harvester::is_in_doubt(const Reading& reading, std::int64_t allowed_ns) const {
  return plan_->verify && reader_.width_ns() > allowed_ns && reading.verdict == Verdict::settled &&
         reading.facts.parked() && !reading.unbroken;
}

std::uint32_t Harvester::count_in_doubt(std::int64_t allowed_ns) const {
  return static_cast<std::uint32_t>(std::ranges::count_if(
      reader_.readings(),
      [&](const Reading& reading) { return is_in_doubt(reading, allowed_ns); }));
}

/// A larger block costs fewer system calls; one that takes too long is read in vain where the
/// goroutines themselves do not show that they stood still. How much this machine reads in time
/// changes with what else it does. False when the block is to be read again in smaller parts.
bool Harvester::fit_block_size(std::uint32_t size) {
  if (count_in_doubt(kNarrow) * 4 > size && size > kFewest) {
    block_size_ = std::max(kFewest, size * 3 / 4);
    quick_blocks_ = 0;
    return false;
  }
  // Were the next larger block too wide, who would be in doubt?
  const std::int64_t of_larger = reader_.width_ns() * (size + kFewest) / size;
  const bool quick = of_larger * 6 < kNarrow * 5 ||
                     std::ranges::count(reader_.readings(), true, &Reading::unbroken) * 4 >
                         static_cast<std::int64_t>(size) * 3;
  quick_blocks_ = quick ? quick_blocks_ + 1 : 0;
  if (quick_blocks_ >= kGrowAfter) {
    block_size_ = std::min(kLargestBlock, block_size_ + kFewest);
    quick_blocks_ = 0;
  }
  return true;
}

/// Reads a few goroutines, again and again until the readings lie close enough. If they never do,
/// they are taken as they are, and counted: this machine, or this moment, gives no closer ones.
Result<void> Harvester::read_narrowly(std::span<const Address> goroutines, const BlockPlan& plan,
                                      Harvest& harvest) {
  const std::uint64_t bytes = goroutines.size() * std::uint64_t{plan.stack_bytes};
  const std::int64_t allowed = kNarrow + static_cast<std::int64_t>(bytes / kBytesPerNs);
  std::uint32_t in_doubt = 0;
  for (int tries = 0; tries <= kTriesToBeNarrow; ++tries) {
    ++block_;
    CS_CHECK(reader_.read(goroutines, plan));
    in_doubt = count_in_doubt(allowed);
    if (in_doubt == 0) break;
  }
  harvest.wide += in_doubt;
  return {};
}

/// Goroutines that moved, and those whose stacks are larger than the first window, a few at a time.
Result<void> Harvester::look_again(Stretch& stretch) {
  // Where the target stands still, another look is for larger windows only, and few ask twice.
  for (int round = 0; round < kRounds && !again_.empty(); ++round) {
    now_.swap(again_);
    again_.clear();
    std::ranges::sort(now_, {}, &Again::stack_bytes);
    for (std::size_t begin = 0; begin < now_.size();) {
      const BlockPlan plan{plan_->verify, plan_->channels, now_[begin].stack_bytes};
      group_.clear();
      std::size_t end = begin;
      while (end < now_.size() && group_.size() < kFewest &&
             now_[end].stack_bytes == plan.stack_bytes)
        group_.push_back(stretch.goroutines[now_[end++].index]);
      CS_CHECK(read_narrowly(group_, plan, *stretch.harvest));
      for (std::size_t i = begin; i < end; ++i)
        take(stretch, now_[i].index, reader_.readings()[i - begin], plan.stack_bytes);
      begin = end;
    }
  }
  return {};
}

void Harvester::take(Stretch& stretch, std::uint32_t index, const Reading& reading,
                     std::uint32_t stack_bytes) {
  snapshot::Goroutine& row = stretch.rows[index];
  row.address = reading.facts.address;
  row.id = reading.facts.goid;
  row.status = reading.facts.status;
  row.settled = false;
  switch (reading.verdict) {
    case Verdict::no_one:
      row.status = snapshot::Status::dead;
      ++stretch.harvest->no_one;
      return;
    case Verdict::unreadable:
      row.status = snapshot::Status::dead;
      ++stretch.harvest->unreadable;
      return;
    case Verdict::moved:
      again_.push_back({index, stack_bytes});
      return;
    case Verdict::settled:
      if (reading.stack.size != 0 && !trace(stretch, index, reading, stack_bytes)) return;
      fill_row(stretch, index, reading);
      return;
  }
}

/// Unwinds the stack into row.stack. False when a larger window is to be read first.
bool Harvester::trace(Stretch& stretch, std::uint32_t index, const Reading& reading,
                      std::uint32_t stack_bytes) {
  const GFacts& facts = reading.facts;
  snapshot::Goroutine& row = stretch.rows[index];
  go::UnwindStart start;
  start.in_syscall = facts.in_syscall();
  start.pc = start.in_syscall ? facts.syscall_pc : facts.sched_pc;
  start.lr = start.in_syscall ? 0 : facts.sched_lr;
  start.sp = reading.stack.address;
  start.stack_hi = facts.stack_hi;
  auto& words = stretch.harvest->argument_words;
  const auto words_before = static_cast<std::uint32_t>(words.size());
  const auto outcome = stacks_.trace(start, {reading.stack.address, reader_.stack_bytes(reading)},
                                     plan_->depth, plan_->arguments ? &words : nullptr);
  const bool larger_helps = stack_bytes < kMostWindow && reading.stack.end() < facts.stack_hi;
  if (outcome.end == go::StackTrie::Outcome::End::window_short && larger_helps) {
    const std::uint64_t wanted = outcome.wanted - reading.stack.address + 4096;
    const std::uint64_t grown = std::max(wanted, std::uint64_t{stack_bytes} * 8);
    again_.push_back(
        {index, static_cast<std::uint32_t>(std::min<std::uint64_t>(kMostWindow, grown))});
    return false;
  }
  row.stack = outcome.node;
  if (plan_->arguments) row.first_argument = words_before;
  return true;
}

void Harvester::fill_row(Stretch& stretch, std::uint32_t index, const Reading& reading) {
  const GFacts& facts = reading.facts;
  snapshot::Goroutine& row = stretch.rows[index];
  Harvest& harvest = *stretch.harvest;
  row.settled = true;
  row.parent_id = facts.parent_goid;
  row.park_sequence = facts.tracking_seq;
  row.scanning = facts.scanning;
  row.locked = facts.lockedm != 0;
  row.leaked = facts.status == snapshot::Status::leaked;
  const bool is_main = facts.goid == 1;  // made by the runtime's start, which nobody wants to know
  if (facts.gopc != 0 && !is_main) row.creator = creators_.number_of(facts.gopc);
  if (plan_->labels && facts.labels != 0) row.labels = labels_.number_of(facts.labels);
  if (facts.bubble != 0) row.bubble = bubbles_.number_of(facts.bubble);
  if (row.locked) row.thread = plan_->threads.tid_of(facts.lockedm);
  if (facts.status == snapshot::Status::running || facts.in_syscall())
    row.thread = plan_->threads.tid_of(facts.m);
  if (facts.parked()) {
    row.kind = runtime_->reason(facts.wait_reason).kind;
    if (facts.wait_reason < plan_->reason_ids.size())
      row.reason = plan_->reason_ids[facts.wait_reason];
  } else if (facts.in_syscall()) {
    row.kind = snapshot::WaitKind::syscall;
  }
  if ((facts.parked() || facts.in_syscall()) && facts.waitsince > 0)
    row.wait_ns = runtime_->elapsed_ns(facts.waitsince, reader_.read_at_ns());
  row.system = system_.contains(facts);
  if (reading.partly_unreadable) ++harvest.unreadable;

  row.first_wait = static_cast<std::uint32_t>(harvest.waits.size());
  row.wait_count = reading.wait_count;
  for (const SeenWait& seen : reader_.waits(reading)) {
    snapshot::Wait& wait = harvest.waits.emplace_back();
    wait.object = seen.channel != 0 ? seen.channel : seen.elem;
    wait.sudog = seen.sudog;
    wait.elem = seen.elem;
    wait.goroutine = stretch.first_row + index;
    wait.select = seen.is_select;
    wait.direction = seen.direction;
    // Not yet a channel's number: only that it waits on one.
    if (seen.channel != 0) wait.channel = 0;
    if (row.kind == snapshot::WaitKind::chan_send) wait.direction = snapshot::Direction::send;
    if (row.kind == snapshot::WaitKind::chan_receive) wait.direction = snapshot::Direction::receive;
    harvest.links.push_back({seen.next, seen.channel_hash, block_});
  }
}

/// The goroutines that run are known only where they are stopped.
Result<void> Harvester::trace_running(const go::UnwindStart& start, snapshot::Goroutine& row,
                                      std::vector<std::uint64_t>& argument_words) {
  std::vector<std::byte> window;
  for (std::uint64_t size = kFullWindow; start.sp < start.stack_hi; size *= 8) {
    window.resize(std::min({size, std::uint64_t{kMostWindow}, start.stack_hi - start.sp}));
    if (auto got = runtime_->memory->read(start.sp, window); !got)
      return got.error().code == ErrorCode::unreadable ? Result<void>{} : got;
    const auto words_before = static_cast<std::uint32_t>(argument_words.size());
    const auto outcome = stacks_.trace(start, {start.sp, window}, plan_->depth,
                                       plan_->arguments ? &argument_words : nullptr);
    const bool larger_helps =
        window.size() < kMostWindow && window.size() < start.stack_hi - start.sp;
    if (outcome.end == go::StackTrie::Outcome::End::window_short && larger_helps) continue;
    row.stack = outcome.node;
    if (plan_->arguments) row.first_argument = words_before;
    break;
  }
  return {};
}

}  // namespace chanspect::capture
