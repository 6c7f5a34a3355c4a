// Channels made, closed and fought over at full speed, in ways that leave only some things
// possible. Each class of goroutines parks at its own lines (marked "wait: NAME"), on channels whose
// element type no other class has; what may be seen at each of these lines is written in
// tests/e2e/storm_rules.cc. Among them stand goroutines that never move: they must be seen, and
// exactly so, at every look.
//
// Prints "ready pid P" and one line of JSON: those that never move, and which channels belong
// together. Runs until it is killed.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"time"
)

// Sizes differ, so that a freed channel's memory comes back as one of another class.
type (
	typeA  int
	typeB  *[3]string
	typeC  [4]uint64
	typeX1 struct{ a, b *int }
	typeY1 int32
	typeX2 struct{ a, b, c uint64 }
	typeY2 string
	typeE  struct{}
	typeF  [2]*typeC
	typeP  float64
	typeQ  [6]byte
	typeS  error
	typeT  chan int
	typeU  []string
	typeV  map[string]typeC
)

const each = 12 // goroutines of most classes

// label says which class a goroutine is of, beside its creator and its stack.
func label(class string, run func()) {
	pprof.Do(context.Background(), pprof.Labels("class", class), func(context.Context) { run() })
}

func goid() uint64 {
	var buffer [64]byte
	text := bytes.TrimPrefix(buffer[:runtime.Stack(buffer[:], false)], []byte("goroutine "))
	id, err := strconv.ParseUint(string(text[:bytes.IndexByte(text, ' ')]), 10, 64)
	if err != nil {
		panic(err)
	}
	return id
}

func main() {
	runtime.GOMAXPROCS(8)
	debug.SetGCPercent(30)
	told := map[string]any{
		"parked": startParked(),
		"queue":  startQueue(),
		"pairs":  startSelects(),
		"locks":  startLocks(),
	}
	startReceivers()
	startSenders()
	startPingPong()
	startChurn()
	startSwings()
	startShared()
	startDeep()
	startShortLived()
	go label("collect", func() {
		for {
			// Up to the first cycle it waits until each worker of the collector has started.
			runtime.GC() // wait: collect
			time.Sleep(5 * time.Millisecond)
		}
	})
	text, err := json.Marshal(told)
	if err != nil {
		panic(err)
	}
	time.Sleep(100 * time.Millisecond)
	fmt.Printf("ready pid %d\n%s\n", os.Getpid(), text)
	time.Sleep(time.Hour)
}
