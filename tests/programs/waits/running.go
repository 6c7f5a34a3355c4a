package main

import (
	"runtime"
	"sync/atomic"
	"time"
)

var (
	spins  int64
	spins2 int
)

// On arm64 its return address is nowhere but in a register.
//
//go:noinline
func spinInLeaf() {
	for n := 0; ; n++ {
		spins2 = n
	}
}

func runningScenes() {
	if *spin {
		start(func() {
			noteRow(&row{Name: "spinner", Kind: "none", Status: "running", Moves: true})
			for {
				atomic.AddInt64(&spins, 1)
				runtime.Gosched()
			}
		})
		start(func() {
			noteRow(&row{Name: "tight loop", Kind: "none", Status: "running", Moves: true})
			spinInLeaf()
		})
	}
	start(func() {
		noteRow(&row{Name: "ticking", Kind: "chan_receive", Status: "waiting", Moves: true})
		for range time.NewTicker(5 * time.Millisecond).C {
		}
	})
	ping, pong := make(chan int), make(chan int)
	start(func() {
		noteRow(&row{Name: "ping", Kind: "chan_receive", Moves: true})
		for {
			ping <- 1
			<-pong
			time.Sleep(time.Millisecond)
		}
	})
	start(func() {
		noteRow(&row{Name: "pong", Kind: "chan_receive", Moves: true})
		for {
			<-ping
			pong <- 1
		}
	})
}
