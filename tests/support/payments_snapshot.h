#pragma once

#include "support/snapshot_builder.h"

namespace chanspect::testing {

inline constexpr std::int64_t kMinute = 60'000'000'000;

/// A small program with one of everything: a retry queue whose consumer gave up, idle workers, a
/// select, a timer, a mutex convoy, nil channels, IO, a running and a moving goroutine.
inline snapshot::Snapshot payments_snapshot() {
  using snapshot::Direction;
  using snapshot::Status;
  using snapshot::WaitKind;
  SnapshotBuilder b;
  const auto main_frame =
      b.frame({.function = "main.main", .file = "/home/me/pay/main.go", .line = 30});
  const auto push =
      b.stack({{.function = "runtime.gopark",
                .file = "/usr/local/go/src/runtime/proc.go",
                .line = 461,
                .runtime = true,
                .hidden = true},
               {.function = "runtime.chansend1",
                .file = "/usr/local/go/src/runtime/chan.go",
                .line = 161,
                .runtime = true,
                .hidden = true},
               {.function = "example.com/pay/retry.(*Queue[go.shape.*uint8]).Push",
                .file = "/home/me/pay/retry/queue.go",
                .line = 88,
                .arguments = "\x01, {\x01, \x02}"},
               {.function = "main.deliver.func1",
                .file = "/home/me/pay/deliver.go",
                .line = 12,
                .inlined = true},
               {.function = "main.deliver", .file = "/home/me/pay/deliver.go", .line = 40}});
  const auto work = b.stack_at("example.com/pay/worker.run", "/home/me/pay/worker/pool.go", 31);
  const auto lock = b.stack_at("main.(*Ledger).Add", "/home/me/pay/ledger.go", 17);
  const auto idle = b.stack_at("main.forget", "/home/me/pay/forget.go", 5);

  b.channel(0xc00012a000, "*main.Callback");
  b.channel(0xc0003f4060, "struct {}");
  b.channel(0xc000500000, "time.Time", 0, 1).timer = true;
  for (std::uint64_t id = 20; id < 26; ++id) {
    auto& sender = b.sends(id, 0xc00012a000, push);
    sender.wait_ns = 171 * kMinute + static_cast<std::int64_t>(id);
    sender.creator = main_frame;
    sender.parent_id = 1;
    b.arguments({0xc000010000, 0xc000020000 + id, 0x7});
  }
  b.labels({{"request", "17"}, {"user", "a\tb"}});
  b.receives(30, 0xc0003f4060, work).wait_ns = 40 * kMinute;
  b.receives(31, 0xc0003f4060, work).creator = main_frame;
  b.selects(40, {{0xc0003f4060}, {0xc00012a000, Direction::send}, {0xc000500000}}, work);
  for (std::uint64_t id = 50; id < 54; ++id)
    b.locks(id, "sync.Mutex.Lock", WaitKind::mutex, 0xc000600010, lock);
  b.goroutine(60, "chan receive (nil chan)", WaitKind::chan_receive_nil, idle);
  b.goroutine(61, "select (no cases)", WaitKind::select_no_cases, idle);
  b.selects(62, {}, idle);
  b.goroutine(70, "IO wait", WaitKind::io,
              b.stack_at("net.(*conn).Read", "/usr/local/go/src/net/net.go", 179))
      .locked = true;
  auto& running = b.goroutine(1, "", WaitKind::none);
  running.status = Status::running;
  running.thread = 4243;
  auto& moving = b.goroutine(80, "", WaitKind::none);
  moving.status = Status::runnable;
  moving.settled = false;
  auto& system = b.goroutine(2, "force gc (idle)", WaitKind::runtime);
  system.system = true;
  b.made.completeness.unsettled = 1;
  b.made.completeness.dead = 3;
  b.made.completeness.goroutines_listed = 24;
  return b.build();
}

}  // namespace chanspect::testing
