#include "capture/fit.h"

#include <gtest/gtest.h>

#include <cstring>

namespace chanspect::capture {
namespace {

using snapshot::Direction;
using snapshot::WaitKind;

/// An hchan of eight words: closed at 0, then recvq and sendq.
struct Hchan {
  std::uint64_t closed = 0, recvq_first = 0, recvq_last = 0, sendq_first = 0, sendq_last = 0,
                qcount = 0, lock = 0;

  Bytes bytes() const { return std::as_bytes(std::span(this, 1)); }
  static go::HchanLayout layout() {
    go::HchanLayout layout;
    layout.size = sizeof(Hchan);
    layout.closed.offset = 0;
    layout.recvq_first.offset = 8;
    layout.recvq_last.offset = 16;
    layout.sendq_first.offset = 24;
    layout.sendq_last.offset = 32;
    layout.qcount.offset = 40;
    layout.lock_key.offset = 48;
    return layout;
  }
};

SeenWait placed(const Hchan& hchan, SeenWait wait) {
  place_in_queue(wait, hchan.bytes(), Hchan::layout());
  return wait;
}

SeenWait on(Address sudog, Address prev = 0, Address next = 0) {
  SeenWait wait;
  wait.sudog = sudog;
  wait.channel = 0x1000;
  wait.prev = prev;
  wait.next = next;
  return wait;
}

TEST(FitTest, TheOnlyReceiverIsPlaced) {
  const SeenWait wait = placed({.recvq_first = 7, .recvq_last = 7}, on(7));
  EXPECT_TRUE(wait.in_queue);
  EXPECT_EQ(wait.direction, Direction::receive);
}

TEST(FitTest, ASudogThatTheQueueDoesNotNameIsNotInIt) {
  EXPECT_FALSE(placed({.recvq_first = 8, .recvq_last = 8}, on(7)).in_queue);
  EXPECT_FALSE(placed({}, on(7)).in_queue);
}

TEST(FitTest, TheLastOfAQueueMustHaveNoSuccessor) {
  EXPECT_TRUE(placed({.sendq_first = 5, .sendq_last = 7}, on(7, 5)).in_queue);
  EXPECT_FALSE(placed({.sendq_first = 5, .sendq_last = 9}, on(7, 5)).in_queue);
}

TEST(FitTest, AClosedChannelHasNoQueue) {
  EXPECT_FALSE(placed({.closed = 1, .recvq_first = 7, .recvq_last = 7}, on(7)).in_queue);
}

TEST(FitTest, InTheMiddleBothDirectionsArePossible) {
  const SeenWait wait =
      placed({.recvq_first = 1, .recvq_last = 9, .sendq_first = 2, .sendq_last = 8}, on(7, 5, 9));
  EXPECT_TRUE(wait.in_queue);
  EXPECT_EQ(wait.direction, Direction::unknown);
}

TEST(FitTest, ASenderCannotLieInTheReceiversQueue) {
  const SeenWait wait = placed({.recvq_first = 7, .recvq_last = 7}, on(7));
  EXPECT_TRUE(parts_fit({}, WaitKind::chan_receive, {&wait, 1}));
  EXPECT_FALSE(parts_fit({}, WaitKind::chan_send, {&wait, 1}));
}

TEST(FitTest, AGoroutineThatIsBeingWokenDoesNotFit) {
  const SeenWait wait = placed({.recvq_first = 7, .recvq_last = 7}, on(7));
  GFacts g;
  g.select_done = 1;
  EXPECT_FALSE(parts_fit(g, WaitKind::chan_receive, {&wait, 1}));
  g = {};
  g.parking_on_chan = true;
  EXPECT_FALSE(parts_fit(g, WaitKind::chan_receive, {&wait, 1}));
}

TEST(FitTest, ASelectHasOnlySelectSudogs) {
  SeenWait wait = placed({.recvq_first = 7, .recvq_last = 7}, on(7));
  EXPECT_FALSE(parts_fit({}, WaitKind::select, {&wait, 1}));
  wait.is_select = true;
  EXPECT_TRUE(parts_fit({}, WaitKind::select, {&wait, 1}));
  EXPECT_FALSE(parts_fit({}, WaitKind::chan_receive, {&wait, 1}));
}

TEST(FitTest, AChannelReceiveWithoutASudogDoesNotFit) {
  EXPECT_FALSE(parts_fit({}, WaitKind::chan_receive, {}));
  EXPECT_TRUE(parts_fit({}, WaitKind::sleep, {}));
}

TEST(FitTest, TheLockWordDoesNotCountAsAChange) {
  const Hchan a{.qcount = 1, .lock = 0};
  const Hchan b{.qcount = 1, .lock = 1};
  const Hchan c{.qcount = 2, .lock = 0};
  const auto layout = Hchan::layout();
  EXPECT_EQ(hash_of_channel(a.bytes(), layout), hash_of_channel(b.bytes(), layout));
  EXPECT_NE(hash_of_channel(a.bytes(), layout), hash_of_channel(c.bytes(), layout));
}

}  // namespace
}  // namespace chanspect::capture
