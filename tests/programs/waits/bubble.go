//go:build go1.25

package main

import (
	"testing"
	"testing/synctest"
	"time"
)

func init() { scenes = append(scenes, bubbleScenes) }

// Goroutines in a bubble of testing/synctest: their waits have reasons of their own. The root waits
// for a channel from outside, so that the bubble's clock stands still.
func bubbleScenes() {
	testing.Init()
	outside := make(chan int)
	expect(6)
	inBubble := func(t *testing.T) {
		c, d := make(chan int), make(chan *item)
		go func() {
			note("receive in a bubble", "chan_receive", from(c))
			<-c
		}()
		go func() {
			note("send in a bubble", "chan_send", to(d))
			d <- nil
		}()
		go func() {
			e, f := make(chan int), make(chan *item)
			note("select in a bubble", "select", from(e), to(f))
			select {
			case <-e:
			case f <- nil:
			}
		}()
		go func() {
			note("sleep in a bubble", "sleep")
			time.Sleep(time.Hour)
		}()
		go func() {
			after := time.After(time.Hour)
			note("timer in a bubble", "chan_receive", onTimer(after))
			<-after
		}()
		note("root of a bubble", "chan_receive", from(outside))
		<-outside
	}
	tests := []testing.InternalTest{{Name: "bubble", F: func(t *testing.T) {
		synctest.Test(t, inBubble)
	}}}
	everyTest := func(string, string) (bool, error) { return true, nil }
	go testing.Main(everyTest, tests, nil, nil) // which never comes back
}
