package main

import "runtime"

func startPanics() {
	start(func() {
		defer func() { <-never }()
		panic("stuck")
	})
	start(func() {
		defer func() { recover(); <-never }()
		var p *big
		fault(p)
	})
	start(func() {
		defer func() { <-never }()
		var s []int
		s[runtime.NumGoroutine()] = 1
	})
	start(func() {
		defer func() { <-never }()
		var w waiter
		w.wait(1)
	})
	start(func() {
		defer func() {
			defer func() { <-never }()
			panic("second")
		}()
		panic("first")
	})
	start(func() {
		defer func() { <-never }()
		runtime.Goexit()
	})
	start(func() {
		defer func() { <-never }()
		var p *plain
		var w waiter = p
		w.wait(1) // panicwrap
	})
	start(func() {
		defer func() { <-never }()
		divide(1, 0)
	})
	start(func() {
		defer func() { <-never }()
		var f func()
		f()
	})
	start(func() {
		defer func() { <-never }()
		inlinedFault(nil)
	})
}

//go:noinline
func fault(b *big) int { return len(b.name) }

func inlinedFault(b *big) int { return inlinedFault2(b) + 1 }

func inlinedFault2(b *big) int {
	n := b.inner.x
	return int(n)
}

//go:noinline
func divide(a, b int) int { return a / b }
