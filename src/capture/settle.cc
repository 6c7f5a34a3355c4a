// Channels that moved between the readings of those who wait on them: read again, whole.

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "capture/address_index.h"
#include "capture/look.h"
#include "capture/queue_reading.h"

namespace chanspect::capture {
namespace {

using Clock = std::chrono::steady_clock;
using snapshot::ChannelId;
using snapshot::Wait;

constexpr int kTries = 8;
constexpr std::size_t kShort = 64;  // a queue this short is read anew with all its goroutines
constexpr auto kPatience = std::chrono::milliseconds(300);  // for all channels of a look together

struct Queued {
  QueuedSudog sudog;
  snapshot::Direction direction;
};

class Settler {
 public:
  Settler(Look& look, std::vector<ChannelId> channels)
      : look_(&look),
        queues_(*look.runtime),
        number_(static_cast<std::uint32_t>(look.harvesters.size())),
        sorted_channels_(look.snapshot.channels.size()),
        todo_(std::move(channels)) {
    look.harvesters.push_back(
        std::make_unique<Harvester>(*look.runtime, look.semaphores, look.plan, number_));
    for (const ChannelId id : todo_) waits_of_[id];
    const auto& waits = look.snapshot.waits;
    for (std::uint32_t i = 0; i < waits.size(); ++i)
      if (const auto found = waits_of_.find(waits[i].channel); found != waits_of_.end())
        found->second.push_back(i);
  }

  /// The list grows while it is worked through: a goroutine that is read again may have gone on to
  /// another channel, which its arrival changed.
  Result<void> settle_all() {
    for (std::size_t i = 0; i < todo_.size(); ++i) CS_CHECK(settle(todo_[i]));
    return {};
  }

 private:
  Result<void> settle(ChannelId id);
  Result<bool> try_once(ChannelId id);
  Result<bool> read_goroutines(ChannelId id, std::span<const Queued> queue);
  Result<void> read_rows(const std::vector<Address>& goroutines, ChannelId settling);
  void replace_row(std::uint32_t index, snapshot::Goroutine row, std::span<const Wait> waits,
                   std::span<const WaitLink> links, ChannelId settling);
  std::uint32_t row_of(Address g);
  void number_rows();
  std::uint32_t row_for(Address g);
  ChannelId channel_for(Address address);
  void look_at_again(ChannelId id);
  std::uint32_t wait_of(std::uint32_t row, const Queued& queued, ChannelId id) const;
  void append_queue(ChannelId id, const QueueReading& reading, std::span<const Queued> queue);
  void take_rows_word(ChannelId id);

  Look* look_;
  QueueReader queues_;
  std::uint32_t number_;         ///< of the harvester that reads rows again
  std::size_t sorted_channels_;  ///< those from before; later ones follow in no order
  std::vector<ChannelId> todo_;
  AddressIndex numbers_;  ///< of the g's on allgs; made when first asked for
  std::vector<std::uint32_t> rows_by_number_;
  std::unordered_map<ChannelId, std::vector<std::uint32_t>> waits_of_;
  std::unordered_map<Address, std::uint32_t> new_rows_;  ///< of goroutines born since
  std::unordered_map<Address, ChannelId> new_channels_;
  Clock::time_point deadline_ = Clock::now() + kPatience;
};

Result<void> Settler::settle(ChannelId id) {
  bool settled = false;
  for (int tries = 0; tries < kTries && !settled && Clock::now() < deadline_; ++tries) {
    CS_TRY(settled, try_once(id));
    if (!look_->plan.verify) break;  // the target stands still: looking again shows the same
  }
  if (!settled) take_rows_word(id);
  return {};
}

Result<bool> Settler::try_once(ChannelId id) {
  std::vector<Address> likely;
  for (const std::uint32_t i : waits_of_[id])
    if (const Wait& wait = look_->snapshot.waits[i]; wait.goroutine != Look::kOrphan)
      likely.push_back(wait.sudog);
  std::ranges::sort(likely);
  const Address address = look_->snapshot.channels[id].address;
  CS_TRY(const QueueReading reading, queues_.read(address, likely));
  if (!reading.stood_still) return false;

  std::vector<Queued> queue;
  queue.reserve(reading.receivers.size() + reading.senders.size());
  for (const auto& sudog : reading.receivers)
    queue.push_back({sudog, snapshot::Direction::receive});
  for (const auto& sudog : reading.senders) queue.push_back({sudog, snapshot::Direction::send});
  CS_TRY(const bool read, read_goroutines(id, queue));
  if (!read) return false;
  CS_TRY(const ChannelReading after, queues_.read_channel(address));
  if (!same_but_for_arrivals(reading.channel, after)) return false;
  append_queue(id, reading, queue);
  return true;
}

/// Sees to it that each goroutine of the queue has a row that says it waits there.
Result<bool> Settler::read_goroutines(ChannelId id, std::span<const Queued> queue) {
  std::vector<Address> stale;
  for (const Queued& queued : queue) {
    const std::uint32_t row = row_of(queued.sudog.g);
    const bool known = row != snapshot::kNone && wait_of(row, queued, id) != snapshot::kNone;
    if (!known || (look_->plan.verify && queue.size() <= kShort)) stale.push_back(queued.sudog.g);
  }
  std::ranges::sort(stale);
  const auto repeated = std::ranges::unique(stale);
  stale.erase(repeated.begin(), repeated.end());
  if (!stale.empty()) CS_CHECK(read_rows(stale, id));
  return std::ranges::all_of(queue, [&](const Queued& queued) {
    const std::uint32_t row = row_of(queued.sudog.g);
    return row != snapshot::kNone && wait_of(row, queued, id) != snapshot::kNone;
  });
}

/// Reads these goroutines again. A row that does not settle this time keeps what it said before,
/// which was true then.
Result<void> Settler::read_rows(const std::vector<Address>& goroutines, ChannelId settling) {
  Harvest harvest;
  std::vector<snapshot::Goroutine> rows(goroutines.size());
  CS_CHECK(look_->harvesters[number_]->read(goroutines, 0, rows, harvest));
  auto& words = look_->snapshot.argument_words;
  const auto first_word = static_cast<std::uint32_t>(words.size());
  words.insert(words.end(), harvest.argument_words.begin(), harvest.argument_words.end());
  look_->wide += harvest.wide;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    snapshot::Goroutine& row = rows[i];
    if (!row.settled || row.status == snapshot::Status::dead) continue;
    if (row.first_argument != snapshot::kNone) row.first_argument += first_word;
    const std::span waits = std::span(harvest.waits).subspan(row.first_wait, row.wait_count);
    for (Wait& wait : waits)
      if (wait.channel != snapshot::kNone) wait.channel = channel_for(wait.object);
    const std::span links = std::span(harvest.links).subspan(row.first_wait, row.wait_count);
    replace_row(row_for(goroutines[i]), row, waits, links, settling);
  }
  return {};
}

void Settler::replace_row(std::uint32_t index, snapshot::Goroutine row, std::span<const Wait> waits,
                          std::span<const WaitLink> links, ChannelId settling) {
  auto& snapshot = look_->snapshot;
  snapshot::Goroutine& old = snapshot.goroutines[index];
  const auto old_waits = std::span(snapshot.waits).subspan(old.first_wait, old.wait_count);
  const auto same_place = [](const Wait& a, const Wait& b) {
    return a.sudog == b.sudog && a.object == b.object;
  };
  look_->reread[index] = number_;
  if (std::ranges::equal(waits, old_waits, same_place)) {
    row.first_wait = old.first_wait;
    std::ranges::copy(links, look_->links.begin() + old.first_wait);
    old = row;
    return;
  }
  for (Wait& wait : old_waits) {
    wait.goroutine = Look::kOrphan;
    if (wait.channel != snapshot::kNone && wait.channel != settling) look_at_again(wait.channel);
  }
  row.first_wait = static_cast<std::uint32_t>(snapshot.waits.size());
  old = row;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    Wait wait = waits[i];
    wait.goroutine = index;
    if (wait.channel != snapshot::kNone) {
      if (wait.channel != settling) look_at_again(wait.channel);
      waits_of_[wait.channel].push_back(static_cast<std::uint32_t>(snapshot.waits.size()));
    }
    snapshot.waits.push_back(wait);
    look_->links.push_back(links[i]);
  }
}

/// Puts a channel that was done, or was not there, on the list.
void Settler::look_at_again(ChannelId id) {
  const auto [entry, is_new] = waits_of_.try_emplace(id);
  todo_.push_back(id);
  if (!is_new) return;
  const snapshot::Channel& channel = look_->snapshot.channels[id];
  const auto& queue = look_->snapshot.queue;
  entry->second.assign(
      queue.begin() + channel.first_receiver,
      queue.begin() + channel.first_receiver + channel.receiver_count + channel.sender_count);
}

ChannelId Settler::channel_for(Address address) {
  auto& channels = look_->snapshot.channels;
  const std::span sorted(channels.data(), sorted_channels_);
  const auto found = std::ranges::lower_bound(sorted, address, {}, &snapshot::Channel::address);
  if (found != sorted.end() && found->address == address)
    return static_cast<ChannelId>(found - sorted.begin());
  const auto [entry, is_new] =
      new_channels_.try_emplace(address, static_cast<ChannelId>(channels.size()));
  if (is_new) channels.emplace_back().address = address;
  return entry->second;
}

std::uint32_t Settler::row_of(Address g) {
  if (rows_by_number_.empty()) number_rows();
  if (const std::uint32_t number = numbers_.find(g); number != AddressIndex::kNone)
    return rows_by_number_[number];
  const auto late = new_rows_.find(g);
  return late != new_rows_.end() ? late->second : snapshot::kNone;
}

void Settler::number_rows() {
  numbers_ = AddressIndex(look_->goroutines.size());
  for (std::uint32_t row = 0; row < look_->goroutines.size(); ++row)
    if (numbers_.add(look_->goroutines[row]) == rows_by_number_.size())
      rows_by_number_.push_back(row);
}

std::uint32_t Settler::row_for(Address g) {
  const std::uint32_t row = row_of(g);
  if (row != snapshot::kNone) return row;
  auto& rows = look_->snapshot.goroutines;
  new_rows_.emplace(g, static_cast<std::uint32_t>(rows.size()));
  rows.emplace_back().settled = false;
  return static_cast<std::uint32_t>(rows.size() - 1);
}

/// The wait of a row that is this place in the queue; kNone when the row says otherwise.
std::uint32_t Settler::wait_of(std::uint32_t row, const Queued& queued, ChannelId id) const {
  const snapshot::Goroutine& goroutine = look_->snapshot.goroutines[row];
  if (!goroutine.settled) return snapshot::kNone;
  for (std::uint32_t i = 0; i < goroutine.wait_count; ++i) {
    const snapshot::Wait& wait = look_->snapshot.waits[goroutine.first_wait + i];
    if (wait.sudog == queued.sudog.sudog && wait.channel == id) return goroutine.first_wait + i;
  }
  return snapshot::kNone;
}

void Settler::append_queue(ChannelId id, const QueueReading& reading,
                           std::span<const Queued> queue) {
  auto& snapshot = look_->snapshot;
  snapshot::Channel& channel = snapshot.channels[id];
  fill_channel(channel, reading.channel);
  channel.first_receiver = static_cast<std::uint32_t>(snapshot.queue.size());
  channel.receiver_count = static_cast<std::uint32_t>(reading.receivers.size());
  channel.first_sender = channel.first_receiver + channel.receiver_count;
  channel.sender_count = static_cast<std::uint32_t>(reading.senders.size());
  for (const Queued& queued : queue) {
    const std::uint32_t wait = wait_of(row_of(queued.sudog.g), queued, id);
    snapshot.waits[wait].direction = queued.direction;
    snapshot.queue.push_back(wait);
  }
  channel.settled = true;
}

/// It moves too fast for a proof of the whole: list whom the rows, each proven alone, name. Their
/// order is not known.
void Settler::take_rows_word(ChannelId id) {
  auto& snapshot = look_->snapshot;
  snapshot::Channel& channel = snapshot.channels[id];
  channel.settled = false;
  const auto append = [&](bool senders) {
    for (const std::uint32_t i : waits_of_[id])
      if (snapshot.waits[i].goroutine != Look::kOrphan &&
          (snapshot.waits[i].direction == snapshot::Direction::send) == senders)
        snapshot.queue.push_back(i);
  };
  channel.first_receiver = static_cast<std::uint32_t>(snapshot.queue.size());
  append(false);
  channel.first_sender = static_cast<std::uint32_t>(snapshot.queue.size());
  channel.receiver_count = channel.first_sender - channel.first_receiver;
  append(true);
  channel.sender_count = static_cast<std::uint32_t>(snapshot.queue.size()) - channel.first_sender;
}

}  // namespace

Result<void> settle_channels(Look& look, std::vector<ChannelId> unsettled) {
  if (unsettled.empty()) return {};
  return Settler(look, std::move(unsettled)).settle_all();
}

}  // namespace chanspect::capture
