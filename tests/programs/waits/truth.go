package main

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// wait is one thing that a goroutine waits on. What can change until everything is parked is
// asked for when the truth is told.
type wait struct {
	Object    string `json:"object"`              // address of the channel or lock
	Direction string `json:"direction,omitempty"` // receive or send; empty for locks
	Elem      string `json:"elem,omitempty"`
	Len       int    `json:"len"`
	Cap       int    `json:"cap"`
	Timer     bool   `json:"timer,omitempty"`

	channel reflect.Value
}

// row is what a goroutine says of itself.
type row struct {
	ID     uint64            `json:"id"`
	Name   string            `json:"name"` // of the case it stands for
	Kind   string            `json:"kind"`
	Status string            `json:"status"`
	Waits  []*wait           `json:"waits,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	Locked bool              `json:"locked,omitempty"` // to its thread
	// Moves says that it does not stay where it is: it runs, or parks again and again.
	Moves bool `json:"moves,omitempty"`
}

var (
	rowsMutex sync.Mutex
	rows      []*row
	expected  int
)

// goid is this goroutine's id, from the only place where the runtime says it.
func goid() uint64 {
	var buffer [64]byte
	text := buffer[:runtime.Stack(buffer[:], false)]
	text = bytes.TrimPrefix(text, []byte("goroutine "))
	id, err := strconv.ParseUint(string(text[:bytes.IndexByte(text, ' ')]), 10, 64)
	if err != nil {
		panic(err)
	}
	return id
}

// note is called by each goroutine of a scene right before it parks.
func note(name, kind string, waits ...*wait) { noteRow(&row{Name: name, Kind: kind, Waits: waits}) }

func noteRow(r *row) {
	r.ID = goid()
	if r.Status == "" {
		r.Status = "waiting"
	}
	rowsMutex.Lock()
	rows = append(rows, r)
	rowsMutex.Unlock()
}

// expect announces goroutines that will note themselves.
func expect(n int) {
	rowsMutex.Lock()
	expected += n
	rowsMutex.Unlock()
}

func noted() (have, want int) {
	rowsMutex.Lock()
	defer rowsMutex.Unlock()
	return len(rows), expected
}

func awaitAll() {
	for i := 0; ; i++ {
		have, want := noted()
		if have == want {
			return
		}
		if i > 10000 {
			panic(fmt.Sprintf("%d goroutines of %d have come", have, want))
		}
		time.Sleep(time.Millisecond)
	}
}

// start runs a goroutine that notes itself and parks.
func start(f func()) {
	expect(1)
	go f()
}

func from(channel any) *wait { return onChannel(channel, "receive") }
func to(channel any) *wait   { return onChannel(channel, "send") }

func onChannel(channel any, direction string) *wait {
	return &wait{Direction: direction, channel: reflect.ValueOf(channel)}
}

func onTimer(channel any) *wait {
	w := from(channel)
	w.Timer = true
	return w
}

func onLock(lock any) *wait { return &wait{Object: fmt.Sprintf("%p", lock)} }

func truth() []*row {
	rowsMutex.Lock()
	defer rowsMutex.Unlock()
	for _, r := range rows {
		for _, w := range r.Waits {
			if w.channel.IsValid() {
				w.Object = fmt.Sprintf("0x%x", w.channel.Pointer())
				w.Elem = w.channel.Type().Elem().String()
				w.Len, w.Cap = w.channel.Len(), w.channel.Cap()
			}
		}
	}
	return rows
}
