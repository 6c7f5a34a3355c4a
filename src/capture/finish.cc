// From the harvesters' numbers to a snapshot that stands alone.

#include <algorithm>
#include <numeric>

#include "capture/labels.h"
#include "capture/locks.h"
#include "capture/look.h"
#include "go/type_names.h"

namespace chanspect::capture {
namespace {

using snapshot::kNone;

void number_stacks(Look& look) {
  std::vector<std::vector<snapshot::StackId>> ids;
  for (const auto& harvester : look.harvesters)
    ids.push_back(harvester->stacks().add_to(look.snapshot));
  for (std::uint32_t i = 0; i < look.snapshot.goroutines.size(); ++i) {
    snapshot::Goroutine& row = look.snapshot.goroutines[i];
    if (row.stack == kNone) continue;
    const auto& by_node = ids[look.harvester_number(i)];
    row.stack = row.stack < by_node.size() ? by_node[row.stack] : kNone;
  }
}

/// The `go` statement behind a g.gopc, as traceback.go's printcreatedby1 tells it: the function
/// that was compiled, with the line of the innermost one inlined there.
snapshot::FrameId add_creator(Look& look, Address gopc) {
  const go::FunctionTable& functions = *look.runtime->functions;
  const auto function = functions.find(gopc);
  if (!function) return kNone;
  const Address at = gopc > function->entry ? gopc - 1 : gopc;
  const auto frames = functions.source_frames(*function, at);
  snapshot::Frame& frame = look.snapshot.frames.emplace_back();
  frame.pc = gopc;
  frame.function = look.snapshot.strings.add(function->name);
  frame.offset = static_cast<std::uint32_t>(gopc - function->entry);
  frame.runtime = function->name.starts_with("runtime.");
  if (!frames.empty()) {
    frame.file = look.snapshot.strings.add(frames.front().file);
    frame.line = frames.front().line;
  }
  return static_cast<snapshot::FrameId>(look.snapshot.frames.size() - 1);
}

void name_creators(Look& look) {
  std::unordered_map<Address, snapshot::FrameId> frame_of;
  std::vector<std::vector<snapshot::FrameId>> ids;
  for (const auto& harvester : look.harvesters) {
    auto& by_number = ids.emplace_back();
    for (const Address gopc : harvester->creators().values()) {
      const auto [entry, is_new] = frame_of.try_emplace(gopc, kNone);
      if (is_new) entry->second = add_creator(look, gopc);
      by_number.push_back(entry->second);
    }
  }
  for (std::uint32_t i = 0; i < look.snapshot.goroutines.size(); ++i)
    if (auto& creator = look.snapshot.goroutines[i].creator; creator != kNone)
      creator = ids[look.harvester_number(i)][creator];
}

Result<void> name_labels(Look& look) {
  if (!look.plan.labels) return {};
  std::vector<std::vector<snapshot::LabelsId>> ids;
  for (const auto& harvester : look.harvesters) {
    CS_TRY(auto by_number, read_labels(*look.runtime, harvester->labels().values(), look.snapshot));
    ids.push_back(std::move(by_number));
  }
  for (std::uint32_t i = 0; i < look.snapshot.goroutines.size(); ++i)
    if (auto& labels = look.snapshot.goroutines[i].labels; labels != kNone)
      labels = ids[look.harvester_number(i)][labels];
  return {};
}

Result<void> name_types(Look& look) {
  std::unordered_map<Address, StringId> name_of;
  for (snapshot::Channel& channel : look.snapshot.channels) {
    const auto [entry, is_new] = name_of.try_emplace(channel.elem_type_address, 0);
    if (is_new && channel.elem_type_address != 0) {
      const auto name = go::type_name(*look.runtime->memory, look.runtime->functions->modules(),
                                      channel.elem_type_address);
      if (name) {
        entry->second = look.snapshot.strings.add(*name);
      } else if (name.error().code == ErrorCode::gone) {
        return std::unexpected(name.error());
      }
    }
    channel.elem_type = entry->second;
  }
  return {};
}

/// Leaves out waits that no row has any more and puts those of each row side by side in the rows'
/// order. Returns the new place of each wait.
std::vector<std::uint32_t> order_waits(Look& look) {
  auto& snapshot = look.snapshot;
  std::vector<std::uint32_t> place(snapshot.waits.size(), kNone);
  std::size_t count = 0;
  for (const auto& row : snapshot.goroutines) count += row.settled ? row.wait_count : 0;
  std::vector<snapshot::Wait> waits;
  waits.reserve(count);
  for (std::uint32_t g = 0; g < snapshot.goroutines.size(); ++g) {
    snapshot::Goroutine& row = snapshot.goroutines[g];
    if (!row.settled) row.wait_count = 0;
    const std::uint32_t first =
        std::exchange(row.first_wait, static_cast<std::uint32_t>(waits.size()));
    for (std::uint32_t i = first; i < first + row.wait_count; ++i) {
      place[i] = static_cast<std::uint32_t>(waits.size());
      waits.push_back(snapshot.waits[i]);
      waits.back().goroutine = g;
    }
  }
  snapshot.waits.swap(waits);
  return place;
}

/// Sorts in the channels that were met late, and closes the gaps in their queues. A channel in
/// whose queue somebody is missing is no longer whole.
void order_channels(Look& look, const std::vector<std::uint32_t>& wait_place) {
  auto& snapshot = look.snapshot;
  std::vector<snapshot::ChannelId> order(snapshot.channels.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto address = [&](snapshot::ChannelId id) { return snapshot.channels[id].address; };
  if (!std::ranges::is_sorted(order, {}, address)) std::ranges::sort(order, {}, address);

  std::vector<snapshot::Channel> channels;
  channels.reserve(order.size());
  std::vector<std::uint32_t> queue;
  queue.reserve(snapshot.queue.size());
  std::vector<snapshot::ChannelId> id_of(order.size());
  const auto take = [&](std::uint32_t& first, std::uint32_t& count) {
    const auto begin = static_cast<std::uint32_t>(queue.size());
    for (std::uint32_t i = first; i < first + count; ++i)
      if (const std::uint32_t place = wait_place[snapshot.queue[i]]; place != kNone)
        queue.push_back(place);
    const auto taken = static_cast<std::uint32_t>(queue.size()) - begin;
    const bool whole = taken == count;
    first = begin;
    count = taken;
    return whole;
  };
  for (const snapshot::ChannelId id : order) {
    snapshot::Channel channel = snapshot.channels[id];
    const bool receivers = take(channel.first_receiver, channel.receiver_count);
    const bool senders = take(channel.first_sender, channel.sender_count);
    channel.settled = channel.settled && receivers && senders;
    if (!channel.settled) ++snapshot.completeness.channels_unsettled;
    id_of[id] = static_cast<snapshot::ChannelId>(channels.size());
    channels.push_back(channel);
  }
  snapshot.channels.swap(channels);
  snapshot.queue.swap(queue);
  for (snapshot::Wait& wait : snapshot.waits)
    if (wait.channel != kNone) wait.channel = id_of[wait.channel];
}

}  // namespace

Result<void> finish(Look& look) {
  look.links = {};
  number_stacks(look);
  name_creators(look);
  CS_CHECK(name_labels(look));
  look.harvesters.clear();
  std::erase_if(look.snapshot.goroutines, [](const snapshot::Goroutine& row) {
    return row.status == snapshot::Status::dead;
  });
  const auto wait_place = order_waits(look);
  order_channels(look, wait_place);
  CS_CHECK(name_types(look));
  CS_CHECK(name_locks(*look.runtime, look.snapshot));
  for (const snapshot::Goroutine& row : look.snapshot.goroutines)
    if (!row.settled) ++look.snapshot.completeness.unsettled;
  return {};
}

}  // namespace chanspect::capture
