package main

import (
	"runtime"
	"time"
)

func init() { scenes = append(scenes, finalizerScenes) }

// A finalizer that parks makes the runtime's finalizer goroutine the user's.
func finalizerScenes() {
	c := make(chan int)
	begun := make(chan bool, 1)
	expect(1)
	makeGarbage(func() {
		note("finalizer", "chan_receive", from(c))
		begun <- true
		<-c
	})
	for {
		runtime.GC()
		select {
		case <-begun:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

//go:noinline
func makeGarbage(finalize func()) {
	object := &item{name: "garbage", next: &item{}}
	runtime.SetFinalizer(object, func(*item) { finalize() })
}
