package main

import "runtime"

// Goroutines that park while they unwind.
func panicScenes() {
	c := make(chan int)
	park := func(name string) {
		note(name, "chan_receive", from(c))
		<-c
	}
	start(func() {
		defer func() {
			_ = recover()
			park("after recover")
		}()
		panic("on purpose")
	})
	start(func() {
		defer park("during panic")
		defer func() { _ = recover() }()
		panic("on purpose")
	})
	start(func() {
		defer func() {
			park("in deferred of a fault")
			_ = recover()
		}()
		var p *item
		p.name = "fault"
	})
	start(func() {
		defer func() {
			park("in deferred of an index out of range")
			_ = recover()
		}()
		s := []int{1}
		s[len(s)*3]++
	})
	start(func() {
		defer park("during Goexit")
		runtime.Goexit()
	})
	start(func() {
		defer func() {
			defer func() {
				park("panic in panic")
				_ = recover()
			}()
			panic("again")
		}()
		panic("on purpose")
	})
}
