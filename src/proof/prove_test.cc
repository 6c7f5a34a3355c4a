#include "proof/prove.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace chanspect::proof {

static std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
  return out << "{outcome " << int(verdict.outcome) << ", because " << int(verdict.because)
             << ", by " << verdict.by << "}";
}
namespace {

using testing::ElementsAre;
constexpr Verdict kGoesOn{};
constexpr Verdict kUnreachable{Outcome::proven, Because::unreachable, 0};

/// A program on paper: objects that point to each other, goroutines that hold and wait for some.
class World {
 public:
  ObjectId object(std::vector<ObjectId> targets = {}) {
    targets_.push_back(std::move(targets));
    return static_cast<ObjectId>(targets_.size() - 1);
  }
  void point(ObjectId from, ObjectId to) { targets_[from].push_back(to); }

  GoroutineIndex goes_on(const std::vector<ObjectId>& holds) {
    return goroutine(Role::goes_on, holds, {});
  }
  GoroutineIndex waits(const std::vector<WaitedFor>& what, const std::vector<ObjectId>& holds) {
    return goroutine(Role::candidate, holds, what);
  }
  GoroutineIndex waits_for(ObjectId object, std::vector<ObjectId> holds = {}) {
    holds.push_back(object);
    return waits({{WaitedFor::Place::heap, object}}, holds);
  }
  GoroutineIndex goroutine(Role role, const std::vector<ObjectId>& holds,
                           const std::vector<WaitedFor>& what) {
    evidence.roles.push_back(role);
    evidence.holds.add(holds);
    evidence.surely_holds.add(holds);
    evidence.waits_for.add(what);
    return static_cast<GoroutineIndex>(evidence.roles.size() - 1);
  }
  std::uint32_t other(OtherRoot::Kind kind, const std::vector<ObjectId>& holds) {
    evidence.others.push_back({kind, 0});
    evidence.others_hold.add(holds);
    return static_cast<std::uint32_t>(evidence.others.size() - 1);
  }

  std::vector<Verdict> judge(unsigned workers = 2) {
    std::vector<ObjectGraph::Segment> segments(targets_.size() / ObjectGraph::kSegment + 1);
    for (ObjectId object = 0; object < targets_.size(); ++object)
      segments[object >> ObjectGraph::kSegmentBits].add(object & (ObjectGraph::kSegment - 1),
                                                        targets_[object]);
    evidence.graph = ObjectGraph(std::move(segments));
    return prove(evidence, workers);
  }

  const std::vector<std::vector<ObjectId>>& targets() const { return targets_; }
  Evidence evidence;

 private:
  std::vector<std::vector<ObjectId>> targets_;
};

TEST(Prove, AChannelThatOnlyItsWaiterHoldsIsALeak) {
  World world;
  world.waits_for(world.object());
  world.goes_on({world.object()});
  EXPECT_THAT(world.judge(), ElementsAre(kUnreachable, kGoesOn));
}

TEST(Prove, AChannelThatSomebodyElseHoldsIsFine) {
  World world;
  const ObjectId channel = world.object(), box = world.object({channel});
  world.waits_for(channel);
  world.goes_on({world.object({box})});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::fine, Because::goroutine, 1}, kGoesOn));
}

TEST(Prove, WhoCanBeWokenCanWakeOthers) {
  World world;
  const ObjectId a = world.object(), b = world.object(), c = world.object();
  world.waits_for(c, {});
  world.waits_for(b, {c});
  world.waits_for(a, {b});
  world.goes_on({a});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::fine, Because::goroutine, 1},
                                         Verdict{Outcome::fine, Because::goroutine, 2},
                                         Verdict{Outcome::fine, Because::goroutine, 3}, kGoesOn));
}

TEST(Prove, GoroutinesThatWaitForEachOtherAreALeak) {
  World world;
  const ObjectId a = world.object(), b = world.object();
  world.waits_for(a, {b});
  world.waits_for(b, {a});
  EXPECT_THAT(world.judge(), ElementsAre(kUnreachable, kUnreachable));
}

TEST(Prove, OneReachableCaseOfASelectIsEnough) {
  World world;
  const ObjectId lost = world.object(), known = world.object();
  world.waits({{WaitedFor::Place::heap, lost}, {WaitedFor::Place::heap, known}}, {lost, known});
  world.goes_on({known});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::fine, Because::goroutine, 1}, kGoesOn));
}

TEST(Prove, WhatOnlyAVariableHoldsIsSuspected) {
  World world;
  const ObjectId channel = world.object();
  world.waits_for(channel);
  const std::uint32_t global = world.other(OtherRoot::Kind::global, {world.object({channel})});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::suspected, Because::global, global}));
}

TEST(Prove, WhoGoesOnCountsBeforeVariables) {
  World world;
  const ObjectId channel = world.object();
  world.waits_for(channel);
  world.other(OtherRoot::Kind::global, {channel});
  world.goes_on({channel});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::fine, Because::goroutine, 1}, kGoesOn));
}

TEST(Prove, ATimerWillWakeIt) {
  World world;
  const ObjectId channel = world.object();
  world.waits_for(channel);
  world.other(OtherRoot::Kind::global, {});
  const std::uint32_t timer = world.other(OtherRoot::Kind::timer, {channel});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::fine, Because::timer, timer}));
}

TEST(Prove, NilChannelsAndEmptySelectsWaitForNothing) {
  World world;
  world.waits({}, {});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::proven, Because::nothing_to_wake, 0}));
}

TEST(Prove, ALockOnOnesOwnStackIsNobodyElses) {
  World world;
  world.waits({{WaitedFor::Place::stack, 0}}, {});
  world.waits({{WaitedFor::Place::stack, 2}}, {});
  world.goes_on({});
  EXPECT_THAT(world.judge(),
              ElementsAre(kUnreachable, Verdict{Outcome::fine, Because::goroutine, 2}, kGoesOn));
}

TEST(Prove, WhatLiesInAVariableOrWhoKnowsWhereIsNeverProven) {
  World world;
  const ObjectId channel = world.object();
  world.waits({{WaitedFor::Place::global, 0}}, {channel});
  world.waits({{WaitedFor::Place::elsewhere, 0}}, {});
  world.waits_for(channel);
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::suspected, Because::lies_in_global, 0},
                                         Verdict{Outcome::suspected, Because::lies_elsewhere, 0},
                                         Verdict{Outcome::suspected, Because::goroutine, 0}));
}

TEST(Prove, AWaitThatIsNotUnderstoodIsLive) {
  World world;
  const ObjectId channel = world.object();
  world.goroutine(Role::unfathomed, {channel}, {});
  world.waits_for(channel);
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::suspected, Because::unfathomed, 0},
                                         Verdict{Outcome::suspected, Because::goroutine, 0}));
}

TEST(Prove, AFinalizerOfWhatOnlyTheLeakHoldsNeverRuns) {
  World world;
  const ObjectId channel = world.object(), file = world.object(), closure = world.object({channel});
  world.waits_for(channel, {file});
  world.evidence.farewells.push_back({file, {closure, file}});
  EXPECT_THAT(world.judge(), ElementsAre(kUnreachable));
}

TEST(Prove, AFinalizerOfWhatNobodyHoldsWillRun) {
  World world;
  const ObjectId channel = world.object(), file = world.object(), closure = world.object({channel});
  world.waits_for(channel);
  world.evidence.farewells.push_back({file, {closure, file}});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::suspected, Because::farewell, 0}));
}

TEST(Prove, AFinalizerOfWhatIsHeldByAGuessMayRun) {
  World world;
  const ObjectId channel = world.object(), file = world.object(), closure = world.object({channel});
  world.evidence.roles.push_back(Role::candidate);
  world.evidence.holds.add(std::vector{channel, file});
  world.evidence.surely_holds.add(std::vector{channel});
  world.evidence.waits_for.add(std::vector{WaitedFor{WaitedFor::Place::heap, channel}});
  world.evidence.farewells.push_back({file, {closure, file}});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::suspected, Because::farewell, 0}));
}

TEST(Prove, AFinalizerOfWhatAWokenGoroutineLetsGoMayRun) {
  World world;
  const ObjectId known = world.object(), channel = world.object(), file = world.object(),
                 other_file = world.object(), closure = world.object({known}),
                 other_closure = world.object({channel});
  world.waits_for(known, {other_file});
  world.waits_for(channel);
  world.evidence.farewells.push_back({file, {closure, file}});
  world.evidence.farewells.push_back({other_file, {other_closure, other_file}});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::suspected, Because::farewell, 0},
                                         Verdict{Outcome::suspected, Because::farewell, 1}));
}

TEST(Prove, AFinalizerIsGivenItsObject) {
  World world;
  const ObjectId lock = world.object(), closure = world.object();
  world.waits({{WaitedFor::Place::heap, lock}}, {});
  world.evidence.farewells.push_back({lock, {closure, lock}});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::suspected, Because::farewell, 0}));
}

TEST(Prove, AWeakPointerThatIsHeldCanHandOutItsObject) {
  World world;
  const ObjectId channel = world.object(), box = world.object({channel}), handle = world.object();
  world.waits_for(channel, {box});
  world.evidence.weak.push_back({handle, box});
  const auto without_holder = world.judge();
  world.goes_on({handle});
  EXPECT_THAT(without_holder, ElementsAre(kUnreachable));
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::fine, Because::weak, 0}, kGoesOn));
}

TEST(Prove, AWeakPointerKeepsNoFinalizerFromRunning) {
  World world;
  const ObjectId channel = world.object(), file = world.object(), closure = world.object({channel}),
                 handle = world.object();
  world.waits_for(channel, {handle});
  world.evidence.weak.push_back({handle, file});
  world.evidence.farewells.push_back({file, {closure, file}});
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::suspected, Because::farewell, 0}));
}

TEST(Prove, WhereNotAllCouldBeReadNothingReachableIsProven) {
  World world;
  world.waits_for(world.object());
  world.waits({}, {});
  world.evidence.doubts.emplace_back("3 pages of the heap could not be read");
  EXPECT_THAT(world.judge(), ElementsAre(Verdict{Outcome::suspected, Because::doubtful, 0},
                                         Verdict{Outcome::proven, Because::nothing_to_wake, 0}));
}

/// The same question, answered in the most naive way: can any goroutine that goes on reach it?
std::vector<bool> who_is_woken(const World& world) {
  const Evidence& e = world.evidence;
  std::vector<bool> live(e.roles.size()), marked(world.targets().size());
  for (std::size_t i = 0; i < live.size(); ++i) live[i] = e.roles[i] != Role::candidate;
  for (bool changed = true; changed;) {
    changed = false;
    const auto mark = [&](ObjectId object) {
      if (!marked[object]) marked[object] = changed = true;
    };
    for (std::size_t i = 0; i < live.size(); ++i)
      if (live[i])
        for (const ObjectId object : e.holds[i]) mark(object);
    for (std::size_t i = 0; i < e.others.size(); ++i)
      for (const ObjectId object : e.others_hold[i]) mark(object);
    for (ObjectId object = 0; object < marked.size(); ++object)
      if (marked[object])
        for (const ObjectId target : world.targets()[object]) mark(target);
    for (std::size_t i = 0; i < live.size(); ++i)
      for (const WaitedFor& thing : e.waits_for[i])
        if (!live[i] && marked[thing.number]) live[i] = changed = true;
  }
  return live;
}

TEST(Prove, AgreesWithTheNaiveWayOnRandomPrograms) {
  std::uint64_t state = 20260119;
  const auto random = [&state] {  // Knuth's MMIX
    state = state * 6364136223846793005 + 1442695040888963407;
    return static_cast<std::uint32_t>(state >> 33);
  };
  for (int round = 0; round < 300; ++round) {
    World world;
    const std::uint32_t objects = std::max(2U, random() % 400), goroutines = 1 + random() % 60;
    for (std::uint32_t i = 0; i < objects; ++i) world.object();
    const std::uint32_t edges = random() % (objects * 2);
    for (std::uint32_t i = 0; i < edges; ++i) world.point(random() % objects, random() % objects);
    for (std::uint32_t i = 0; i < goroutines; ++i) {
      std::vector<ObjectId> holds(random() % 4);
      for (ObjectId& object : holds) object = random() % objects;
      if (random() % 8 == 0)
        world.goes_on(holds);
      else
        world.waits_for(random() % objects, holds);
    }
    if (random() % 2 == 0) world.other(OtherRoot::Kind::global, {random() % objects});
    const auto verdicts = world.judge(1 + random() % 4);
    const auto woken = who_is_woken(world);
    for (std::size_t i = 0; i < verdicts.size(); ++i)
      ASSERT_EQ(verdicts[i].outcome != Outcome::proven, woken[i])
          << "round " << round << ", goroutine " << i;
  }
}

TEST(Prove, SharesTheWorkOfOneLargeRoot) {
  World world;
  const std::uint32_t count = 300'000;
  for (std::uint32_t i = 0; i < count; ++i) world.object();
  for (std::uint32_t i = 1; i < count; ++i) world.point((i - 1) / 3, i);
  const ObjectId channel = world.object();
  world.point(count - 1, channel);
  world.waits_for(channel);
  world.goes_on({0});
  EXPECT_THAT(world.judge(4), ElementsAre(Verdict{Outcome::fine, Because::goroutine, 1}, kGoesOn));
}

}  // namespace
}  // namespace chanspect::proof
