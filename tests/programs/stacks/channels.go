package main

import (
	"fmt"
	"reflect"
	"time"
)

type pair struct{ a, b chan int }

func startChannels() {
	p := &pair{make(chan int), make(chan int)}
	start(func() { <-never })
	start(func() { full <- 7 })
	start(func() { var c chan int; <-c })
	start(func() { var c chan int; c <- 1 })
	start(func() { select {} })
	start(func() {
		select {
		case <-p.a:
		case p.b <- 1:
		}
	})
	start(func() {
		for range never {
		}
	})
	start(func() { time.Sleep(time.Hour) })
	start(func() { <-time.After(time.Hour) })
	start(func() { reflect.ValueOf(never).Recv() })
	start(func() { reflect.ValueOf(full).Send(reflect.ValueOf(3)) })
	start(func() {
		reflect.Select([]reflect.SelectCase{
			{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(p.a)},
			{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(p.b)},
		})
	})
	time.AfterFunc(time.Millisecond, func() { <-never })
	go fmt.Fprintln(blockedWriter{}, "x", 1)
	go receive(3, "four")
}

type blockedWriter struct{}

func (blockedWriter) Write(p []byte) (int, error) { return <-never, nil }

//go:noinline
func receive(n int, s string) { <-never }
