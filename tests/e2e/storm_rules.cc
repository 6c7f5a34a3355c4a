#include "e2e/storm_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "analysis/frames.h"
#include "e2e/storm_lines.h"

namespace chanspect::storm {
namespace {

using snapshot::Address;
using snapshot::Channel;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;
using snapshot::Wait;
using snapshot::WaitKind;

bool on_channel(WaitKind kind) {
  return kind == WaitKind::chan_receive || kind == WaitKind::chan_send || kind == WaitKind::select;
}

bool on_lock(WaitKind kind) {
  return kind == WaitKind::mutex || kind == WaitKind::rwmutex_read ||
         kind == WaitKind::rwmutex_write || kind == WaitKind::cond || kind == WaitKind::wait_group;
}

std::string_view word_of(snapshot::Direction direction) {
  switch (direction) {
    case snapshot::Direction::send:
      return "send";
    case snapshot::Direction::receive:
      return "receive";
    case snapshot::Direction::unknown:
      break;
  }
  return "unknown";
}

/// One look being checked.
class Check {
 public:
  Check(const Snapshot& snapshot, const Scene& scene, const Look& look, Seen& seen)
      : snapshot_(snapshot), scene_(scene), look_(look), seen_(seen) {}

  std::vector<std::string> run() {
    check_ids();
    for (const Goroutine& goroutine : snapshot_.goroutines) check_goroutine(goroutine);
    for (const Channel& channel : snapshot_.channels) check_channel(channel);
    check_parked();
    check_still_queue();
    return std::move(wrong_);
  }

 private:
  std::string_view text(StringId id) const { return snapshot_.strings[id]; }

  void say(const Goroutine& goroutine, const std::string& what) {
    std::string waits;
    for (const Wait& wait : waits_of(goroutine)) {
      waits += fmt::format(" {:#x}", wait.object);
      if (wait.channel == kNone) continue;
      const Channel& channel = snapshot_.channels[wait.channel];
      waits +=
          fmt::format(" ({}, lock {:#x})", channel.settled ? "settled" : "unsettled", channel.lock);
    }
    wrong_.push_back(fmt::format("goroutine {} [{}] at {}, waits{}: {}", goroutine.id,
                                 text(goroutine.reason), place_of(goroutine), waits, what));
  }
  void say(const Channel& channel, const std::string& what) {
    wrong_.push_back(fmt::format("channel {:#x} of {}, {}/{}, {} receivers, {} senders: {}",
                                 channel.address, text(channel.elem_type), channel.length,
                                 channel.capacity, channel.receiver_count, channel.sender_count,
                                 what));
  }

  std::span<const Wait> waits_of(const Goroutine& goroutine) const {
    return std::span(snapshot_.waits).subspan(goroutine.first_wait, goroutine.wait_count);
  }

  const snapshot::Frame* site_of(const Goroutine& goroutine) const {
    const auto frame = analysis::site_of(snapshot_, goroutine.stack);
    return frame == kNone ? nullptr : &snapshot_.frames[frame];
  }

  std::string place_of(const Goroutine& goroutine) const {
    const snapshot::Frame* site = site_of(goroutine);
    if (site == nullptr) return "?";
    return fmt::format("{}:{}", std::filesystem::path(text(site->file)).filename().string(),
                       site->line);
  }

  void check_ids() {
    std::set<std::uint64_t> ids;
    for (const Goroutine& goroutine : snapshot_.goroutines)
      if (!ids.insert(goroutine.id).second) say(goroutine, "has two rows");
  }

  void check_goroutine(const Goroutine& goroutine) {
    ++seen_.rows;
    if (!goroutine.settled) return;
    ++seen_.settled;
    if (goroutine.system) return;
    if (!on_channel(goroutine.kind) && !on_lock(goroutine.kind)) {
      if (goroutine.kind == WaitKind::none && goroutine.wait_count != 0)
        say(goroutine, "waits on something and does not wait");
      return;
    }
    ++seen_.waiting;
    const auto name = scene_.line_names.find(place_of(goroutine));
    if (name == scene_.line_names.end()) return say(goroutine, "nobody waits here");
    const Line* line = find_line(name->second);
    if (line == nullptr) return say(goroutine, "a line without a rule: " + name->second);
    ++seen_.by_line[name->second];
    check_against(goroutine, *line);
  }

  void check_against(const Goroutine& goroutine, const Line& line) {
    if (std::ranges::find(line.kinds, goroutine.kind) == line.kinds.end())
      return say(goroutine, "waits for another kind of thing than its line");
    check_class(goroutine, line);
    if (look_.whole_stacks) check_stack(goroutine);
    if (on_lock(goroutine.kind))
      check_lock(goroutine, line);
    else
      check_cases(goroutine, line);
  }

  /// Labels and creator come from other places of the runtime than the stack.
  void check_class(const Goroutine& goroutine, const Line& line) {
    const std::string_view creator =
        goroutine.creator == kNone ? "" : text(snapshot_.frames[goroutine.creator].function);
    if (!creator.starts_with(line.creator))
      say(goroutine, fmt::format("created by {} instead of {}", creator, line.creator));
    std::string_view said = "(none)";
    if (goroutine.labels != kNone)
      for (const auto& [key, value] : snapshot_.labels[goroutine.labels])
        if (text(key) == "class") said = text(value);
    if (said != line.label)
      say(goroutine, fmt::format("its label says class {} instead of {}", said, line.label));
  }

  void check_stack(const Goroutine& goroutine) {
    const snapshot::Stack& stack = snapshot_.stacks[goroutine.stack];
    if (!stack.complete || stack.count == 0) return say(goroutine, "its stack is not whole");
    const auto frames = std::span(snapshot_.stack_frames).subspan(stack.first, stack.count);
    const auto has = [&](std::string_view function) {
      return std::ranges::any_of(frames, [&](const snapshot::StackFrame& at) {
        return text(snapshot_.frames[at.frame].function) == function;
      });
    };
    if (text(snapshot_.frames[frames.back().frame].function) != "runtime.goexit")
      say(goroutine, "its stack does not end in goexit");
    if (!has("runtime/pprof.Do")) say(goroutine, "its stack has lost pprof.Do");
    if (goroutine.kind == WaitKind::chan_receive && !has("runtime.chanrecv"))
      say(goroutine, "receives without chanrecv");
    if (goroutine.kind == WaitKind::chan_send && !has("runtime.chansend"))
      say(goroutine, "sends without chansend");
    if (goroutine.kind == WaitKind::select && !has("runtime.selectgo"))
      say(goroutine, "selects without selectgo");
  }

  void check_lock(const Goroutine& goroutine, const Line& line) {
    if (goroutine.wait_count == 0 || waits_of(goroutine)[0].object == 0) {
      ++seen_.locks_without_address;
      return;
    }
    if (goroutine.wait_count != 1) return say(goroutine, "waits for several locks");
    const Address lock = waits_of(goroutine)[0].object;
    const bool is_cond = goroutine.kind == WaitKind::cond;
    const std::set<Address>* known = is_cond ? &scene_.conds : nullptr;
    if (line.lock == Lock::mutex) known = &scene_.mutexes;
    if (line.lock == Lock::rwmutex) known = &scene_.rwmutexes;
    if (known != nullptr && !known->contains(lock))
      say(goroutine, fmt::format("waits for the lock {:#x}, which is not of its class", lock));
  }

  void check_cases(const Goroutine& goroutine, const Line& line) {
    std::vector<std::string> expected, got;
    std::set<Address> channels;
    for (const Case& one : line.cases)
      expected.push_back(fmt::format("{} {} cap {}", one.direction, one.elem, one.capacity));
    for (const Wait& wait : waits_of(goroutine)) {
      if (wait.channel == kNone) return say(goroutine, "waits on no channel");
      const Channel& channel = snapshot_.channels[wait.channel];
      channels.insert(channel.address);
      if (wait.select != (goroutine.kind == WaitKind::select))
        say(goroutine, "is in a select and is not");
      got.push_back(fmt::format("{} {} cap {}", word_of(wait.direction), text(channel.elem_type),
                                channel.capacity));
    }
    std::ranges::sort(expected);
    std::ranges::sort(got);
    if (got != expected)
      say(goroutine, fmt::format("waits in {} instead of {}", fmt::join(got, " and "),
                                 fmt::join(expected, " and ")));
    if (line.label == "D" && !scene_.pairs.contains(channels))
      say(goroutine, "its channels are of two pairs");
  }

  void check_channel(const Channel& channel) {
    ++seen_.channels;
    if (!channel.settled) return;
    ++seen_.settled_channels;
    if (channel.closed && channel.receiver_count + channel.sender_count != 0)
      say(channel, "closed, and somebody waits");
    if (channel.receiver_count != 0 && channel.sender_count != 0) say(channel, "both ends wait");
    if (channel.sender_count != 0 && channel.length != channel.capacity)
      say(channel, "senders wait for a buffer that has room");
    if (channel.receiver_count != 0 && channel.length != 0)
      say(channel, "receivers wait for a buffer that has something");
    if (channel.length > channel.capacity) say(channel, "more than full");
    check_queue(channel, channel.first_receiver, channel.receiver_count,
                snapshot::Direction::receive);
    check_queue(channel, channel.first_sender, channel.sender_count, snapshot::Direction::send);
  }

  void check_queue(const Channel& channel, std::uint32_t first, std::uint32_t count,
                   snapshot::Direction direction) {
    std::set<Address> sudogs;
    for (const std::uint32_t index : std::span(snapshot_.queue).subspan(first, count)) {
      const Wait& wait = snapshot_.waits[index];
      const Goroutine& goroutine = snapshot_.goroutines[wait.goroutine];
      if (wait.object != channel.address) say(channel, "has another channel's waiter");
      if (wait.direction != direction) say(channel, "has a waiter in the wrong queue");
      if (!goroutine.settled) say(channel, "has a waiter that was not settled");
      if (!sudogs.insert(wait.sudog).second) say(channel, "has a sudog twice");
    }
  }

  void check_parked() {
    std::map<std::uint64_t, const Goroutine*> rows;
    for (const Goroutine& goroutine : snapshot_.goroutines) rows[goroutine.id] = &goroutine;
    for (const auto& [id, parked] : scene_.parked) {
      const auto row = rows.find(id);
      if (row == rows.end()) {
        wrong_.push_back(fmt::format("goroutine {} never moved and is not there", id));
        continue;
      }
      const Goroutine& goroutine = *row->second;
      const snapshot::Frame* site = site_of(goroutine);
      if (!goroutine.settled) {
        say(goroutine, "never moved and is unsettled");
      } else if (goroutine.wait_count != 1 || waits_of(goroutine)[0].object != parked.channel ||
                 site == nullptr || text(site->function) != parked.function) {
        say(goroutine, "is not where it has been all the time: " + parked.function);
      }
    }
  }

  void check_still_queue() {
    const auto channel =
        std::ranges::find(snapshot_.channels, scene_.queue_channel, &Channel::address);
    if (channel == snapshot_.channels.end()) {
      wrong_.emplace_back("the queue that never moved is not there");
      return;
    }
    std::vector<std::uint64_t> order;
    for (const std::uint32_t index :
         std::span(snapshot_.queue).subspan(channel->first_sender, channel->sender_count))
      order.push_back(snapshot_.goroutines[snapshot_.waits[index].goroutine].id);
    if (!channel->settled || order != scene_.queue_order)
      say(*channel, fmt::format("the queue that never moved is {} instead of {}",
                                fmt::join(order, ","), fmt::join(scene_.queue_order, ",")));
  }

  const Snapshot& snapshot_;
  const Scene& scene_;
  const Look& look_;
  Seen& seen_;
  std::vector<std::string> wrong_;
};

Address address_in(const nlohmann::json& row, const char* key) {
  return std::stoull(row.at(key).get<std::string>(), nullptr, 16);
}

/// Finds the marks "wait: NAME" in the program's source.
void read_marks(const std::string& folder, Scene& scene) {
  constexpr std::string_view kMark = "wait: ";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      const std::size_t at = line.find(kMark);
      if (at == std::string::npos || line.starts_with("//")) continue;
      const std::string name = line.substr(at + kMark.size());
      scene.line_names[fmt::format("{}:{}", entry.path().filename().string(), number)] =
          name.substr(0, name.find(' '));
    }
  }
}

}  // namespace

Scene read_scene(const std::string& json, const std::string& source_folder) {
  const auto told = nlohmann::json::parse(json);
  Scene scene;
  for (const auto& row : told.at("parked"))
    scene.parked[row.at("id")] = {"main." + row.at("function").get<std::string>(),
                                  address_in(row, "channel")};
  scene.queue_channel = address_in(told.at("queue"), "channel");
  scene.queue_order = told.at("queue").at("order").get<std::vector<std::uint64_t>>();
  for (const auto& row : told.at("pairs")) {
    scene.pairs.insert({address_in(row, "x1"), address_in(row, "y1")});
    scene.pairs.insert({address_in(row, "x2"), address_in(row, "y2")});
  }
  for (const auto& row : told.at("locks")) {
    scene.mutexes.insert(address_in(row, "mutex"));
    scene.rwmutexes.insert(address_in(row, "rwmutex"));
    scene.conds.insert(address_in(row, "cond"));
  }
  read_marks(source_folder, scene);
  return scene;
}

std::vector<std::string> impossible_rows(const Snapshot& snapshot, const Scene& scene,
                                         const Look& look, Seen& seen) {
  return Check(snapshot, scene, look, seen).run();
}

}  // namespace chanspect::storm
