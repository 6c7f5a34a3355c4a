#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snapshot/snapshot.h"

/// Snapshots made by hand, for tests of what comes after the capture.
namespace chanspect::testing {

/// Puts a Snapshot together in the words of a test: frames, stacks, channels and goroutines in any
/// order, `build` brings them into the form that a capture gives.
class SnapshotBuilder {
 public:
  snapshot::Snapshot made;  ///< source, completeness and phases can be set directly

  SnapshotBuilder() {
    made.source.pid = 4242;
    made.source.name = "payments";
    made.source.executable = "/usr/bin/payments";
    made.source.go_version = "go1.26.8";
    made.source.build_id = "abc123";
    made.source.layout_source = "table go1.26";
    made.source.symbol_source = "symbol table";
    made.source.uptime_ns = 3 * 3'600'000'000'000 + 12 * 60'000'000'000;
    made.source.taken_unix_ns = 1'790'000'000'123'000'000;
    made.source.read_ns = 41'300'000;
    made.completeness.gc_known = true;
    made.completeness.gc_cycles = 7;
    made.phases = {{"goroutines", 30'000'000, 456'000}, {"channels", 11'000'000, 112'000}};
  }

  struct FrameWords {
    std::string function;
    std::string file;
    std::uint32_t line = 1;
    std::uint32_t offset = 0x2c;
    std::string arguments = {};  ///< a template, see Snapshot::argument_words
    bool inlined = false;
    bool runtime = false;
    bool hidden = false;
  };

  snapshot::FrameId frame(const FrameWords& words) {
    snapshot::Frame frame;
    frame.pc = 0x400000 + 0x100 * made.frames.size();
    frame.function = made.strings.add(words.function);
    frame.file = made.strings.add(words.file);
    frame.line = words.line;
    frame.offset = words.inlined ? 0 : words.offset;
    frame.arguments = made.strings.add(words.arguments);
    frame.argument_count = static_cast<std::uint8_t>(
        std::ranges::count_if(words.arguments, [](char c) { return c == '\x01' || c == '\x02'; }));
    frame.inlined = words.inlined;
    frame.runtime = words.runtime;
    made.frames.push_back(frame);
    return static_cast<snapshot::FrameId>(made.frames.size() - 1);
  }

  /// The site is the first frame that is neither the runtime's nor hidden.
  snapshot::StackId stack(const std::vector<FrameWords>& frames) {
    snapshot::Stack stack;
    stack.first = static_cast<std::uint32_t>(made.stack_frames.size());
    stack.count = static_cast<std::uint32_t>(frames.size());
    for (std::uint32_t i = 0; i < frames.size(); ++i) {
      made.stack_frames.push_back({frame(frames[i]), frames[i].hidden});
      if (stack.site == snapshot::kNone && !frames[i].hidden && !frames[i].runtime) stack.site = i;
    }
    made.stacks.push_back(stack);
    return static_cast<snapshot::StackId>(made.stacks.size() - 1);
  }

  /// A stack of gopark, which the runtime hides, and one user function.
  snapshot::StackId stack_at(const std::string& function, const std::string& file,
                             std::uint32_t line) {
    return stack({{.function = "runtime.gopark",
                   .file = "/usr/local/go/src/runtime/proc.go",
                   .line = 461,
                   .runtime = true,
                   .hidden = true},
                  {.function = function, .file = file, .line = line}});
  }

  snapshot::Channel& channel(snapshot::Address address, std::string_view elem_type,
                             std::uint64_t length = 0, std::uint64_t capacity = 0) {
    snapshot::Channel& channel = channels_[address];
    channel.address = address;
    channel.elem_type = made.strings.add(elem_type);
    channel.elem_type_address = 0x500000;
    channel.elem_size = 8;
    channel.buffer = address + 0x60;
    channel.length = length;
    channel.capacity = capacity;
    return channel;
  }

  snapshot::Goroutine& goroutine(std::uint64_t id, std::string_view reason, snapshot::WaitKind kind,
                                 snapshot::StackId stack = snapshot::kNone) {
    snapshot::Goroutine goroutine;
    goroutine.id = id;
    goroutine.address = 0xc000000000 + id * 0x1c8;
    goroutine.status = snapshot::Status::waiting;
    goroutine.kind = kind;
    goroutine.reason = made.strings.add(reason);
    goroutine.stack = stack;
    made.goroutines.push_back(goroutine);
    waits_.emplace_back();
    return made.goroutines.back();
  }

  struct Case {
    snapshot::Address channel = 0;
    snapshot::Direction direction = snapshot::Direction::receive;
  };

  snapshot::Goroutine& receives(std::uint64_t id, snapshot::Address channel,
                                snapshot::StackId stack) {
    auto& made_goroutine = goroutine(id, "chan receive", snapshot::WaitKind::chan_receive, stack);
    add_wait(channel, snapshot::Direction::receive, false);
    return made_goroutine;
  }
  snapshot::Goroutine& sends(std::uint64_t id, snapshot::Address channel, snapshot::StackId stack) {
    auto& made_goroutine = goroutine(id, "chan send", snapshot::WaitKind::chan_send, stack);
    add_wait(channel, snapshot::Direction::send, false);
    return made_goroutine;
  }
  snapshot::Goroutine& selects(std::uint64_t id, std::vector<Case> cases, snapshot::StackId stack) {
    auto& made_goroutine = goroutine(id, "select", snapshot::WaitKind::select, stack);
    std::ranges::stable_sort(cases, {}, &Case::channel);
    for (const Case& one : cases) add_wait(one.channel, one.direction, true);
    return made_goroutine;
  }
  snapshot::Goroutine& locks(std::uint64_t id, std::string_view reason, snapshot::WaitKind kind,
                             snapshot::Address lock, snapshot::StackId stack) {
    auto& made_goroutine = goroutine(id, reason, kind, stack);
    if (lock != 0) waits_.back().push_back({.object = lock, .sudog = next_sudog()});
    return made_goroutine;
  }

  /// Argument words of the goroutine made last.
  void arguments(const std::vector<std::uint64_t>& words) {
    made.goroutines.back().first_argument = static_cast<std::uint32_t>(made.argument_words.size());
    made.argument_words.insert(made.argument_words.end(), words.begin(), words.end());
  }

  void labels(std::vector<std::pair<std::string, std::string>> pairs) {
    snapshot::Labels labels;
    for (const auto& [key, value] : pairs)
      labels.emplace_back(made.strings.add(key), made.strings.add(value));
    made.goroutines.back().labels = static_cast<snapshot::LabelsId>(made.labels.size());
    made.labels.push_back(std::move(labels));
  }

  /// Call once, at the end. A channel's queues hold its waiters in the order of the goroutines.
  snapshot::Snapshot build() {
    std::map<snapshot::Address, snapshot::ChannelId> ids;
    for (const auto& [address, channel] : channels_) {
      ids[address] = static_cast<snapshot::ChannelId>(made.channels.size());
      made.channels.push_back(channel);
    }
    for (std::uint32_t g = 0; g < made.goroutines.size(); ++g) {
      made.goroutines[g].first_wait = static_cast<std::uint32_t>(made.waits.size());
      made.goroutines[g].wait_count = static_cast<std::uint32_t>(waits_[g].size());
      for (snapshot::Wait wait : waits_[g]) {
        wait.goroutine = g;
        if (const auto id = ids.find(wait.object); id != ids.end()) wait.channel = id->second;
        made.waits.push_back(wait);
      }
    }
    for (snapshot::ChannelId id = 0; id < made.channels.size(); ++id) fill_queues(id);
    if (made.completeness.goroutines_listed == 0)
      made.completeness.goroutines_listed = made.goroutines.size();
    return std::move(made);
  }

 private:
  void add_wait(snapshot::Address channel, snapshot::Direction direction, bool select) {
    waits_.back().push_back({.object = channel,
                             .sudog = next_sudog(),
                             .elem = 0xc000200000,
                             .direction = direction,
                             .select = select});
  }

  snapshot::Address next_sudog() { return sudog_ += 0x60; }

  void fill_queues(snapshot::ChannelId id) {
    snapshot::Channel& channel = made.channels[id];
    if (!channel.settled) return;
    const auto fill = [&](snapshot::Direction direction, std::uint32_t& first,
                          std::uint32_t& count) {
      first = static_cast<std::uint32_t>(made.queue.size());
      for (std::uint32_t w = 0; w < made.waits.size(); ++w)
        if (made.waits[w].channel == id && made.waits[w].direction == direction)
          made.queue.push_back(w);
      count = static_cast<std::uint32_t>(made.queue.size()) - first;
    };
    fill(snapshot::Direction::receive, channel.first_receiver, channel.receiver_count);
    fill(snapshot::Direction::send, channel.first_sender, channel.sender_count);
  }

  std::map<snapshot::Address, snapshot::Channel> channels_;
  std::vector<std::vector<snapshot::Wait>> waits_;  ///< by goroutine
  snapshot::Address sudog_ = 0xc000300000;
};

}  // namespace chanspect::testing
