#include "proof/prove.h"

#include <algorithm>
#include <utility>

#include "proof/marking.h"

namespace chanspect::proof {
namespace {

using RootNumber = Marking::RootNumber;

/// Who waits for what, to be found when it is reached.
class Watchers {
 public:
  void add(std::uint32_t waited_for, GoroutineIndex goroutine) {
    pairs_.emplace_back(waited_for, goroutine);
  }
  void close() { std::ranges::sort(pairs_); }

  template <class Visit>
  void visit(std::uint32_t waited_for, Visit visit) const {
    auto at =
        std::ranges::lower_bound(pairs_, std::pair<std::uint32_t, GoroutineIndex>(waited_for, 0));
    for (; at != pairs_.end() && at->first == waited_for; ++at) visit(at->second);
  }

 private:
  std::vector<std::pair<std::uint32_t, GoroutineIndex>> pairs_;
};

class Proof {
 public:
  Proof(const Evidence& evidence, unsigned workers);

  /// From those that need nobody to wake them.
  void start_from_who_goes_on();
  void start_from_variables();
  void run_finalizers_that_can_run();
  std::vector<Verdict> conclude();

 private:
  bool is_waiting(GoroutineIndex goroutine) const {
    return evidence_->roles[goroutine] == Role::candidate &&
           verdicts_[goroutine].outcome == Outcome::proven;
  }
  RootNumber number_of_other(std::size_t i) const {
    return static_cast<RootNumber>(evidence_->roles.size() + i);
  }
  RootNumber number_of_farewell(std::size_t i) const {
    return number_of_other(evidence_->others.size() + i);
  }
  RootNumber number_of_weak(std::size_t i) const {
    return number_of_farewell(evidence_->farewells.size() + i);
  }

  void watch(GoroutineIndex goroutine);
  void mark_and_wake(Outcome outcome);
  void wake(GoroutineIndex goroutine, Verdict verdict);
  Verdict verdict_by(RootNumber root, Outcome outcome) const;
  std::span<const ObjectId> held_by(RootNumber root) const;
  bool start_from_farewells(std::vector<bool>& started);

  const Evidence* evidence_;
  unsigned workers_;
  Marking marking_;
  Watchers of_objects_, of_stacks_, weak_;  // weak_: of a handle, numbers of Evidence::weak
  std::vector<Verdict> verdicts_;
  std::vector<RootNumber> roots_;  ///< to be marked from next
};

Because because_of(OtherRoot::Kind kind) {
  switch (kind) {
    case OtherRoot::Kind::timer:
      return Because::timer;
    case OtherRoot::Kind::global:
      return Because::global;
    case OtherRoot::Kind::pinned:
      return Because::pinned;
    case OtherRoot::Kind::c_memory:
      return Because::c_memory;
    case OtherRoot::Kind::runtime:
      return Because::runtime;
  }
  return Because::runtime;
}

std::span<const ObjectId> one(const ObjectId& object) {
  return std::span(&object, 1);
}

Proof::Proof(const Evidence& evidence, unsigned workers)
    : evidence_(&evidence),
      workers_(workers),
      marking_(evidence.graph, workers),
      verdicts_(evidence.roles.size()) {
  for (GoroutineIndex i = 0; i < evidence.roles.size(); ++i) {
    if (evidence.roles[i] == Role::unfathomed)
      verdicts_[i] = {Outcome::suspected, Because::unfathomed, i};
    if (evidence.roles[i] == Role::candidate) watch(i);
  }
  for (std::uint32_t i = 0; i < evidence.weak.size(); ++i) {
    weak_.add(evidence.weak[i].handle, i);
    marking_.watch(evidence.weak[i].handle);
  }
  of_objects_.close();
  of_stacks_.close();
  weak_.close();
}

/// Until somebody reaches what it waits for, it counts as leaked.
void Proof::watch(GoroutineIndex goroutine) {
  const auto things = evidence_->waits_for[goroutine];
  verdicts_[goroutine] = {Outcome::proven,
                          things.empty() ? Because::nothing_to_wake : Because::unreachable, 0};
  for (const WaitedFor& thing : things) {
    if (thing.place == WaitedFor::Place::heap) {
      of_objects_.add(thing.number, goroutine);
      marking_.watch(thing.number);
    } else if (thing.place == WaitedFor::Place::stack) {
      of_stacks_.add(thing.number, goroutine);
    }
  }
}

std::span<const ObjectId> Proof::held_by(RootNumber root) const {
  const Evidence& e = *evidence_;
  if (root < e.roles.size()) return e.holds[root];
  std::size_t i = root - e.roles.size();
  if (i < e.others.size()) return e.others_hold[i];
  i -= e.others.size();
  if (i < e.farewells.size()) return e.farewells[i].function;
  return one(e.weak[i - e.farewells.size()].object);
}

/// Marks from `roots_`, wakes whose wait can end by that, marks from them, until nobody is woken.
void Proof::mark_and_wake(Outcome outcome) {
  while (!roots_.empty()) {
    const std::vector<RootNumber> roots = std::exchange(roots_, {});
    for (const RootNumber root : roots) {
      if (root >= evidence_->roles.size()) continue;
      of_stacks_.visit(root, [&](GoroutineIndex waiter) {
        if (waiter != root) wake(waiter, {outcome, Because::goroutine, root});
      });
    }
    const auto reached = marking_.mark(roots, [this](RootNumber root) { return held_by(root); });
    for (const auto& [object, root] : reached) {
      of_objects_.visit(object,
                        [&](GoroutineIndex waiter) { wake(waiter, verdict_by(root, outcome)); });
      weak_.visit(object, [&](std::uint32_t i) { roots_.push_back(number_of_weak(i)); });
    }
  }
}

void Proof::wake(GoroutineIndex goroutine, Verdict verdict) {
  if (!is_waiting(goroutine)) return;
  verdicts_[goroutine] = verdict;
  roots_.push_back(goroutine);
}

Verdict Proof::verdict_by(RootNumber root, Outcome outcome) const {
  const Evidence& e = *evidence_;
  if (root < e.roles.size()) return {outcome, Because::goroutine, root};
  auto i = static_cast<std::uint32_t>(root - e.roles.size());
  if (i < e.others.size()) return {outcome, because_of(e.others[i].kind), i};
  i -= static_cast<std::uint32_t>(e.others.size());
  if (i < e.farewells.size()) return {outcome, Because::farewell, i};
  return {outcome, Because::weak, i - static_cast<std::uint32_t>(e.farewells.size())};
}

void Proof::start_from_who_goes_on() {
  for (GoroutineIndex i = 0; i < evidence_->roles.size(); ++i)
    if (evidence_->roles[i] == Role::goes_on) roots_.push_back(i);
  for (std::size_t i = 0; i < evidence_->others.size(); ++i)
    if (evidence_->others[i].kind == OtherRoot::Kind::timer) roots_.push_back(number_of_other(i));
  mark_and_wake(Outcome::fine);
}

void Proof::start_from_variables() {
  for (GoroutineIndex i = 0; i < evidence_->roles.size(); ++i) {
    if (evidence_->roles[i] == Role::unfathomed) roots_.push_back(i);
    for (const WaitedFor& thing : evidence_->waits_for[i]) {
      if (thing.place == WaitedFor::Place::global)
        wake(i, {Outcome::suspected, Because::lies_in_global, 0});
      if (thing.place == WaitedFor::Place::elsewhere)
        wake(i, {Outcome::suspected, Because::lies_elsewhere, 0});
    }
  }
  for (std::size_t i = 0; i < evidence_->others.size(); ++i)
    if (evidence_->others[i].kind != OtherRoot::Kind::timer) roots_.push_back(number_of_other(i));
  mark_and_wake(Outcome::suspected);
}

/// Each goroutine woken can let go of more objects, whose finalizers then can run.
void Proof::run_finalizers_that_can_run() {
  std::vector<bool> started(evidence_->farewells.size());
  while (start_from_farewells(started)) mark_and_wake(Outcome::suspected);
}

/// An object that a goroutine without hope surely holds is never let go of.
bool Proof::start_from_farewells(std::vector<bool>& started) {
  if (std::ranges::find(started, false) == started.end()) return false;
  std::vector<RootNumber> without_hope;
  for (GoroutineIndex i = 0; i < evidence_->roles.size(); ++i)
    if (is_waiting(i)) without_hope.push_back(i);
  if (without_hope.empty()) return false;
  Marking held(evidence_->graph, workers_);
  held.mark(without_hope, [this](RootNumber i) { return evidence_->surely_holds[i]; });

  bool any = false;
  for (std::size_t i = 0; i < started.size(); ++i) {
    const ObjectId object = evidence_->farewells[i].object;
    if (started[i] || (held.is_marked(object) && !marking_.is_marked(object))) continue;
    started[i] = any = true;
    roots_.push_back(number_of_farewell(i));
  }
  return any;
}

std::vector<Verdict> Proof::conclude() {
  if (!evidence_->doubts.empty())
    for (Verdict& verdict : verdicts_)
      if (verdict.outcome == Outcome::proven && verdict.because == Because::unreachable)
        verdict = {Outcome::suspected, Because::doubtful, 0};
  return std::move(verdicts_);
}

}  // namespace

std::vector<Verdict> prove(const Evidence& evidence, unsigned workers) {
  Proof proof(evidence, workers);
  proof.start_from_who_goes_on();
  proof.start_from_variables();
  proof.run_finalizers_that_can_run();
  return proof.conclude();
}

}  // namespace chanspect::proof
