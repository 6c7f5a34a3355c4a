//go:build go1.25

package main

import (
	"runtime"
	"sync"
	"time"
)

// Cleanups have goroutines of their own from 1.25 on (the finalizer's until then, which is taken).
func init() { scenes = append(scenes, cleanupScenes) }

func cleanupScenes() {
	c := make(chan int)
	begun := make(chan bool, 1)
	expect(1)
	makeCleanup(func() {
		note("cleanup", "chan_receive", from(c))
		begun <- true
		<-c
	})
	for waiting := true; waiting; {
		runtime.GC()
		select {
		case <-begun:
			waiting = false
		case <-time.After(10 * time.Millisecond):
		}
	}
	var group sync.WaitGroup
	expect(1)
	group.Go(func() {
		note("WaitGroup.Go", "chan_receive", from(c))
		<-c
	})
}

//go:noinline
func makeCleanup(clean func()) {
	object := &item{name: "garbage", next: &item{}}
	runtime.AddCleanup(object, func(f func()) { f() }, clean)
}
