// What a report costs once a snapshot is there: a million goroutines on a hundred thousand
// channels. Figures are bytes of output a second, and for text the share of a plain memcpy's speed.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "analysis/channels.h"
#include "analysis/goroutines.h"
#include "report/reports.h"
#include "snapshot/snapshot.h"

namespace {

using namespace chanspect;
using snapshot::Direction;
using snapshot::Snapshot;
using snapshot::WaitKind;

constexpr std::uint32_t kGoroutines = 1'000'000;
constexpr std::uint32_t kChannels = 100'000;
constexpr std::uint32_t kStacks = 500;
constexpr std::uint32_t kDepth = 6;   // frames that runtime.Stack shows
constexpr std::uint32_t kHidden = 3;  // gopark, chansend, chansend1

void add_stacks(Snapshot& made) {
  for (std::uint32_t s = 0; s < kStacks; ++s) {
    const snapshot::Stack stack{.first = static_cast<std::uint32_t>(made.stack_frames.size()),
                                .count = kHidden + kDepth,
                                .site = kHidden};
    for (std::uint32_t f = 0; f < stack.count; ++f) {
      const bool hidden = f < kHidden;
      const std::string number = std::to_string(s * 10 + f);
      const snapshot::Frame frame{
          .pc = 0x400000 + made.frames.size() * 64,
          .function =
              made.strings.add("example.com/payments/retry.(*Queue[go.shape.int]).Push" + number),
          .file = made.strings.add("/home/builder/src/payments/retry/queue.go"),
          .line = 80 + f,
          .offset = 0x2c + f,
          .arguments = made.strings.add(f % 2 == 0 ? std::string("\x01, {\x01, \x02}") : "\x01"),
          .argument_count = static_cast<std::uint8_t>(f % 2 == 0 ? 3 : 1),
          .runtime = hidden};
      made.stack_frames.push_back({static_cast<snapshot::FrameId>(made.frames.size()), hidden});
      made.frames.push_back(frame);
    }
    made.stacks.push_back(stack);
  }
}

void add_channels(Snapshot& made) {
  const StringId type = made.strings.add("*main.Callback");
  for (std::uint32_t c = 0; c < kChannels; ++c) {
    snapshot::Channel channel;
    channel.address = 0xc000100000 + std::uint64_t{c} * 96;
    channel.elem_type = type;
    made.channels.push_back(channel);
  }
}

void add_goroutines(Snapshot& made) {
  const StringId send = made.strings.add("chan send");
  const StringId select = made.strings.add("select");
  std::uint64_t random = 1;
  for (std::uint32_t i = 0; i < kGoroutines; ++i) {
    random = random * 6364136223846793005 + 1442695040888963407;
    const std::uint32_t channel = static_cast<std::uint32_t>((random >> 33) % kChannels);
    const bool selects = i % 3 == 0;
    snapshot::Goroutine goroutine;
    goroutine.id = i + 20;
    goroutine.parent_id = 1;
    goroutine.address = 0xc010000000 + i * 456ULL;
    goroutine.status = snapshot::Status::waiting;
    goroutine.kind = selects ? WaitKind::select : WaitKind::chan_send;
    goroutine.reason = selects ? select : send;
    goroutine.wait_ns = i % 4 == 0 ? snapshot::kUnknown : 150'000'000'000 + i;
    goroutine.first_wait = static_cast<std::uint32_t>(made.waits.size());
    goroutine.stack = static_cast<std::uint32_t>((random >> 20) % kStacks);
    goroutine.creator = 0;
    goroutine.first_argument = static_cast<std::uint32_t>(made.argument_words.size());
    for (std::uint32_t f = kHidden; f < kHidden + kDepth; ++f)
      for (std::uint32_t w = 0; w < (f % 2 == 0 ? 3U : 1U); ++w)
        made.argument_words.push_back(w == 2 ? i % 100 : 0xc000000000 + random % 0x40000000);
    const auto add_wait = [&](std::uint32_t id) {
      made.waits.push_back({.object = made.channels[id].address,
                            .goroutine = i,
                            .channel = id,
                            .direction = Direction::send,
                            .select = selects});
      ++goroutine.wait_count;
    };
    add_wait(channel);
    if (selects) add_wait(channel + 1 < kChannels ? channel + 1 : channel);
    made.goroutines.push_back(goroutine);
  }
}

const Snapshot& million() {
  static const Snapshot snapshot = [] {
    Snapshot made;
    made.source.go_version = "go1.26.8";
    made.source.name = "load";
    add_stacks(made);
    add_channels(made);
    add_goroutines(made);
    return made;
  }();
  return snapshot;
}

/// A pipe whose other end counts, in a thread of its own, as a reader that does nothing would.
class CountingPipe {
 public:
  CountingPipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    write_end_ = UniqueFd(ends[1]);
    reader_ = std::thread([this, fd = ends[0]] {
      const UniqueFd end(fd);
      std::vector<char> buffer(1 << 20);
      for (ssize_t n; (n = read(end.get(), buffer.data(), buffer.size())) > 0;) bytes_ += n;
    });
  }
  UniqueFd take_write_end() { return std::move(write_end_); }
  std::int64_t wait() {
    reader_.join();
    return bytes_;
  }

 private:
  UniqueFd write_end_;
  std::thread reader_;
  std::int64_t bytes_ = 0;
};

double memcpy_bytes_a_second() {
  static const double speed = [] {
    std::vector<char> from(64 << 20, 'x');
    std::vector<char> to(64 << 20, 'y');
    double best = 0;
    for (int round = 0; round < 5; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      std::memcpy(to.data(), from.data(), to.size());
      benchmark::DoNotOptimize(to.data());
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
      best = std::max(best, static_cast<double>(to.size()) / spent.count());
    }
    return best;
  }();
  return speed;
}

void told(benchmark::State& state, std::int64_t bytes, double seconds) {
  state.SetBytesProcessed(bytes);
  state.counters["MB"] = static_cast<double>(bytes) / 1e6 / static_cast<double>(state.iterations());
  state.counters["of_memcpy"] = static_cast<double>(bytes) / seconds / memcpy_bytes_a_second();
}

/// Runs `print` into a pipe that counts.
template <class Print>
void to_pipe(benchmark::State& state, Print print) {
  signal(SIGPIPE, SIG_IGN);
  million();
  std::int64_t bytes = 0;
  double seconds = 0;
  while (state.KeepRunning()) {
    const auto begin = std::chrono::steady_clock::now();
    CountingPipe pipe;
    {
      report::Output out(pipe.take_write_end());
      if (!print(out)) state.SkipWithError("cannot print");
    }
    bytes += pipe.wait();
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  told(state, bytes, seconds);
}

void stack_all(benchmark::State& state) {
  to_pipe(state, [](report::Output& out) { return print_stacks(million(), {}, {}, out); });
}
BENCHMARK(stack_all)->Unit(benchmark::kMillisecond)->UseRealTime();

void stack_all_json(benchmark::State& state) {
  to_pipe(state, [](report::Output& out) {
    return print_stacks(million(), {}, {.format = report::Format::json}, out);
  });
}
BENCHMARK(stack_all_json)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

void goroutines_json(benchmark::State& state) {
  to_pipe(state, [](report::Output& out) {
    return print_goroutines(million(), {}, {}, {.format = report::Format::json}, out);
  });
}
BENCHMARK(goroutines_json)->Unit(benchmark::kMillisecond)->UseRealTime();

void blocked_tsv(benchmark::State& state) {
  to_pipe(state, [](report::Output& out) {
    return print_blocked(million(), {}, {.format = report::Format::tsv}, out);
  });
}
BENCHMARK(blocked_tsv)->Unit(benchmark::kMillisecond)->UseRealTime();

void blocked_text_all(benchmark::State& state) {
  to_pipe(state, [](report::Output& out) {
    return print_blocked(million(), {}, {.width = 0, .limit = report::kNoLimit}, out);
  });
}
BENCHMARK(blocked_text_all)->Unit(benchmark::kMillisecond)->UseRealTime();

void list_channels(benchmark::State& state) {
  million();
  while (state.KeepRunning()) benchmark::DoNotOptimize(analysis::list_channels(million(), {}));
}
BENCHMARK(list_channels)->Unit(benchmark::kMillisecond);

void stuck_channels(benchmark::State& state) {
  million();
  while (state.KeepRunning())
    benchmark::DoNotOptimize(analysis::stuck_channels(million(), analysis::ChannelOrder::oldest));
}
BENCHMARK(stuck_channels)->Unit(benchmark::kMillisecond);

void overview(benchmark::State& state) {
  million();
  while (state.KeepRunning()) {
    std::string text;
    report::Output out(&text);
    if (!print_overview(million(), {}, out)) state.SkipWithError("cannot print");
  }
}
BENCHMARK(overview)->Unit(benchmark::kMillisecond);

void group_by_site_and_reason(benchmark::State& state) {
  const auto all = analysis::select_goroutines(million(), {});
  while (state.KeepRunning())
    benchmark::DoNotOptimize(analysis::group_goroutines(
        million(), all, {analysis::GroupKey::site, analysis::GroupKey::reason}));
}
BENCHMARK(group_by_site_and_reason)->Unit(benchmark::kMillisecond);

void group_by_channel(benchmark::State& state) {
  const auto all = analysis::select_goroutines(million(), {});
  while (state.KeepRunning())
    benchmark::DoNotOptimize(
        analysis::group_goroutines(million(), all, {analysis::GroupKey::channel}));
}
BENCHMARK(group_by_channel)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
