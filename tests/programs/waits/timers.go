package main

import (
	"context"
	"time"
)

func timerScenes() {
	start(func() {
		c := time.After(time.Hour)
		note("time.After", "chan_receive", onTimer(c))
		<-c
	})
	start(func() {
		t := time.NewTimer(2 * time.Hour)
		note("Timer", "chan_receive", onTimer(t.C))
		<-t.C
	})
	start(func() {
		t := time.NewTicker(3 * time.Hour)
		note("Ticker", "chan_receive", onTimer(t.C))
		<-t.C
	})
	start(func() {
		t := time.NewTimer(time.Hour)
		t.Stop()
		note("stopped Timer", "chan_receive", onTimer(t.C))
		<-t.C
	})
	work := make(chan int)
	start(func() {
		c := time.After(time.Hour)
		note("select with timeout", "select", from(work), onTimer(c))
		select {
		case <-work:
		case <-c:
		}
	})
	start(func() {
		note("sleep", "sleep")
		time.Sleep(5 * time.Hour)
	})
	expect(1)
	time.AfterFunc(time.Millisecond, func() {
		note("AfterFunc", "chan_receive", from(work))
		<-work
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	_ = cancel
	start(func() {
		note("context", "chan_receive", from(ctx.Done()))
		<-ctx.Done()
	})
}
