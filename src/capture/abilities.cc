#include "capture/abilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "capture/capture.h"
#include "capture/look.h"
#include "capture/watch.h"
#include "target/machine.h"
#include "target/permission.h"

namespace chanspect::capture {
namespace {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::SourceKind;
using snapshot::Status;

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

CheckState yes_if_all(std::uint64_t good, std::uint64_t all) {
  if (good == all) return CheckState::ok;
  return good == 0 ? CheckState::no : CheckState::warn;
}

Check list_ability(const Snapshot& snapshot) {
  const auto& completeness = snapshot.completeness;
  std::string why = counted(snapshot.goroutines.size(), "goroutine");
  if (completeness.unsettled > 0)
    why += fmt::format(", {} of them moved at every look, so not stuck", completeness.unsettled);
  if (completeness.unreadable > 0)
    why += fmt::format(", memory of {} could not be read", completeness.unreadable);
  return {"list", completeness.unreadable > 0 ? CheckState::warn : CheckState::ok, why, {}};
}

Check channel_ability(const Snapshot& snapshot) {
  const auto& channels = snapshot.channels;
  const auto moving = std::ranges::count(channels, false, &snapshot::Channel::settled);
  std::string why =
      channels.empty() ? "none has waiters" : counted(channels.size(), "channel") + " with waiters";
  if (moving > 0) why += fmt::format(", {} of them moved at every look", moving);
  return {"channels", CheckState::ok, why, {}};
}

Check stack_ability(const Snapshot& snapshot) {
  std::uint64_t whole = 0;
  std::uint64_t all = 0;
  std::uint64_t running = 0;
  for (const Goroutine& goroutine : snapshot.goroutines) {
    if (!goroutine.settled) continue;
    const bool has = goroutine.stack != snapshot::kNone;
    const bool runs = goroutine.status == Status::running || goroutine.status == Status::syscall;
    if (!has && runs && snapshot.source.kind == SourceKind::process) {
      ++running;
      continue;
    }
    ++all;
    whole += has && snapshot.stacks[goroutine.stack].complete ? 1 : 0;
  }
  std::string why = fmt::format("{} of {} whole, with files and lines", whole, all);
  if (running > 0)
    why += fmt::format("; that of {} only with --stop freeze", counted(running, "running one"));
  return {"stacks", yes_if_all(whole, all), why, {}};
}

Check type_ability(const Snapshot& snapshot) {
  const auto& channels = snapshot.channels;
  if (channels.empty()) return {"types", CheckState::ok, "no channel with waiters to name", {}};
  const auto known = static_cast<std::uint64_t>(std::ranges::count_if(
      channels, [](const snapshot::Channel& channel) { return channel.elem_type != 0; }));
  return {"types",
          yes_if_all(known, channels.size()),
          fmt::format("the element types of {} of {}", known, counted(channels.size(), "channel")),
          {}};
}

/// Some waits may well have no length (they began after the last collection): that is partly.
Check length_ability(const Snapshot& snapshot) {
  std::uint64_t known = 0;
  std::uint64_t all = 0;
  for (const Goroutine& goroutine : snapshot.goroutines) {
    if (goroutine.status != Status::waiting || goroutine.system) continue;
    ++all;
    known += goroutine.wait_ns != snapshot::kUnknown ? 1 : 0;
  }
  if (all == 0) return {"wait lengths", CheckState::ok, "nobody waits", {}};
  Check check{"wait lengths",
              yes_if_all(known, all),
              fmt::format("known of {} of {}; Go notes them only in a collection", known,
                          counted(all, "waiting goroutine")),
              {}};
  if (known < all && snapshot.source.kind == SourceKind::process)
    check.cure = fmt::format("chanspect {} --watch 5s   (two looks make lengths of their own)",
                             snapshot.source.pid);
  return check;
}

/// Told by the rules alone: nothing is stopped to find out.
Check freeze_ability(const OpenedProgram& opened) {
  if (opened.live == nullptr)
    return {"freeze", CheckState::ok, "not needed: a core is one moment", {}};
  auto facts = target::access_facts(opened.live->pid(), EPERM, target::Access::stop);
  facts.calls_filtered = target::ptrace_is_filtered();
  if (target::foreseen_rule(facts)) {
    const Error error = target::explain(facts);
    return {"freeze", CheckState::no, error.why, error.hint};
  }
  return {"freeze",
          CheckState::ok,
          "--stop freeze may stop it for one consistent moment; not tried",
          {}};
}

}  // namespace

std::vector<Check> abilities_of(const Snapshot& snapshot) {
  return {list_ability(snapshot), channel_ability(snapshot), stack_ability(snapshot),
          type_ability(snapshot), length_ability(snapshot)};
}

void add_abilities(Diagnosis& diagnosis, const OpenedProgram& opened, unsigned threads) {
  Options options;
  options.stacks = Options::Stacks::full;
  options.threads = threads;
  const auto snapshot = look_once(opened, options);
  if (!snapshot) {
    diagnosis.error = snapshot.error();
    diagnosis.add("look", CheckState::no, snapshot.error().message(), snapshot.error().hint);
    return add_no_abilities(diagnosis);
  }
  diagnosis.works = abilities_of(*snapshot);
  diagnosis.works.push_back(freeze_ability(opened));
  diagnosis.incomplete = snapshot->completeness.unreadable > 0;
}

void add_no_abilities(Diagnosis& diagnosis) {
  for (const char* name : {"list", "channels", "stacks", "types", "wait lengths", "freeze"})
    diagnosis.works.push_back({name, CheckState::no, "it is not opened: see above", {}});
}

}  // namespace chanspect::capture
