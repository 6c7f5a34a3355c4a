//go:build go1.23

package main

import "iter"

func init() { scenes = append(scenes, coroutineScenes) }

func coroutineScenes() {
	c := make(chan int)
	// Parked inside the iterator: the coroutine waits on the channel, its caller for the coroutine.
	start(func() {
		expect(1)
		next, stop := iter.Pull(func(yield func(int) bool) {
			note("in a coroutine", "chan_receive", from(c))
			<-c
			yield(1)
		})
		defer stop()
		noteRow(&row{Name: "for a coroutine", Kind: "other"})
		next()
	})
	// Parked between two values: the coroutine waits to be asked.
	start(func() {
		expect(1)
		next, stop := iter.Pull(func(yield func(int) bool) {
			noteRow(&row{Name: "idle coroutine", Kind: "other"})
			for yield(1) {
			}
		})
		defer stop()
		next()
		note("beside an idle coroutine", "chan_receive", from(c))
		<-c
	})
	start(func() {
		for i := range func(yield func(int) bool) {
			note("range over func", "chan_receive", from(c))
			<-c
			yield(2)
		} {
			_ = i
		}
	})
	start(func() {
		for range func(yield func(int) bool) { yield(2) } {
			note("range over func body", "chan_receive", from(c))
			<-c
		}
	})
}
