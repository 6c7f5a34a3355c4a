package main

import (
	"sort"
	"strings"
	"sync"
)

type worker struct {
	queue chan int
	name  string
}

func (w *worker) run()       { note("method", "chan_receive", from(w.queue)); <-w.queue }
func (w worker) runByValue() { note("method on value", "chan_receive", from(w.queue)); <-w.queue }

type runner interface{ runByValue() }

type wrapping struct{ *worker } // its methods are wrappers made by the compiler

//go:noinline
func viaInterface(r runner) { r.runByValue() }

// small is inlined into its callers, two levels deep.
func small(c chan int)   { <-c }
func smaller(c chan int) { small(c) }

//go:noinline
func recurse(depth int, c chan int) int {
	if depth == 0 {
		note("deep recursion", "chan_receive", from(c))
		<-c
		return 0
	}
	return recurse(depth-1, c) + 1
}

func stackScenes() {
	w := &worker{queue: make(chan int), name: "first"}
	expect(7)
	go w.run()
	go w.runByValue()
	bound := w.run
	go bound()
	unbound := (*worker).run
	go unbound(w)
	go viaInterface(w)
	go viaInterface(wrapping{w})
	go runner(&wrapping{w}).runByValue()

	c := make(chan int)
	for _, depth := range []int{1, 48, 95, 99, 100, 101, 300} {
		depth := depth
		start(func() { recurse(depth, c) })
	}
	start(func() {
		note("inlined", "chan_receive", from(c))
		smaller(c)
	})
	start(func() {
		defer func() {
			note("in a deferred call", "chan_receive", from(c))
			<-c
		}()
	})
	start(func() {
		func() {
			func() {
				note("nested closures", "chan_receive", from(c))
				<-c
			}()
		}()
	})
	calledBack(c)
	bigFrame(c)
	started(c)
}

// Frames of other packages between ours.
func calledBack(c chan int) {
	start(func() {
		numbers := []int{3, 1, 2}
		sort.Slice(numbers, func(i, j int) bool {
			note("in sort.Slice", "chan_receive", from(c))
			<-c
			return i < j
		})
	})
	start(func() {
		_ = strings.Map(func(r rune) rune {
			note("in strings.Map", "chan_receive", from(c))
			<-c
			return r
		}, "abc")
	})
	start(func() {
		var pool sync.Map
		pool.Store(1, 2)
		pool.Range(func(key, value any) bool {
			note("in sync.Map.Range", "chan_receive", from(c))
			<-c
			return true
		})
	})
}

// A frame that is larger than what one look at a stack's end would give.
func bigFrame(c chan int) {
	start(func() {
		var room [20000]byte
		fill(room[:])
		note("big frame", "chan_receive", from(c))
		<-c
		fill(room[:])
	})
}

//go:noinline
func fill(b []byte) {
	for i := range b {
		b[i] = byte(i)
	}
}

// Goroutines started by goroutines.
func started(c chan int) {
	start(func() {
		start(func() {
			start(func() {
				note("grandchild", "chan_receive", from(c))
				<-c
			})
			note("child", "chan_receive", from(c))
			<-c
		})
		note("parent", "chan_receive", from(c))
		<-c
	})
	expect(1)
	parentThatEnds(c)
}

func parentThatEnds(c chan int) {
	done := make(chan bool)
	go func() {
		go func() {
			note("orphan", "chan_receive", from(c))
			<-c
		}()
		done <- true
	}()
	<-done
}
