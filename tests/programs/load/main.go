// A load: N goroutines blocked for ever on N/10 channels, in receives, sends and selects mixed.
//
//	load [-n N] [-stack-spread S] [-gc]
//
// prints "ready pid P goroutines N channels C" once all of them are parked, and then answers on
// standard output, one line of JSON each, the words that come on standard input:
//
//	stall   the longest stall of its own clock ticks since last asked
//	rest    lets those clocks rest, so that they cost nobody's time
//	watch   lets them tick again, as they do from the start
//	debug2  writes the goroutine profile with debug=2 to nowhere: time, bytes, stall
//	proto   the same with debug=0
//	rss     its memory
//	gc      one garbage collection
//	quit    ends
package main

import (
	"bufio"
	"flag"
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

type Callback struct {
	ID  int
	URL string
}

// scene holds the channels by group: one of each kind, and the selects that join two of them.
type scene struct {
	callbacks []chan *Callback // received from, unbuffered
	outgoing  []chan *Callback // sent to, unbuffered
	done      []chan struct{}  // received from, buffered and empty
	numbers   []chan int       // sent to, buffered and full
}

const (
	perChannel = 10
	kinds      = 4
)

func newScene(n int) *scene {
	groups := (n + perChannel*kinds - 1) / (perChannel * kinds)
	s := &scene{}
	for i := 0; i < groups; i++ {
		s.callbacks = append(s.callbacks, make(chan *Callback))
		s.outgoing = append(s.outgoing, make(chan *Callback))
		s.done = append(s.done, make(chan struct{}, 16))
		numbers := make(chan int, 4)
		for len(numbers) < cap(numbers) {
			numbers <- i
		}
		s.numbers = append(s.numbers, numbers)
	}
	return s
}

var parking atomic64 // goroutines that are about to park

// block parks the k-th goroutine. Of the ten on each channel one is in a select.
func (s *scene) block(k int) {
	channel := k / perChannel
	group := channel / kinds
	parking.add(1)
	if k%perChannel == perChannel-1 {
		s.selectBoth(group)
		return
	}
	switch channel % kinds {
	case 0:
		s.receiveCallback(group)
	case 1:
		s.sendCallback(group)
	case 2:
		s.receiveDone(group)
	case 3:
		s.sendNumber(group)
	}
}

//go:noinline
func (s *scene) receiveCallback(group int) { <-s.callbacks[group] }

//go:noinline
func (s *scene) sendCallback(group int) { s.outgoing[group] <- nil }

//go:noinline
func (s *scene) receiveDone(group int) { <-s.done[group] }

//go:noinline
func (s *scene) sendNumber(group int) { s.numbers[group] <- group }

//go:noinline
func (s *scene) selectBoth(group int) {
	select {
	case <-s.done[group]:
	case s.numbers[group] <- group:
	}
}

// left and right make distinct stacks: the bits of `path` choose the calls on the way down.
//
//go:noinline
func left(s *scene, k int, path, depth uint) {
	if depth == 0 {
		s.block(k)
	} else if path&1 == 0 {
		left(s, k, path>>1, depth-1)
	} else {
		right(s, k, path>>1, depth-1)
	}
}

//go:noinline
func right(s *scene, k int, path, depth uint) {
	if depth == 0 {
		s.block(k)
	} else if path&1 == 0 {
		left(s, k, path>>1, depth-1)
	} else {
		right(s, k, path>>1, depth-1)
	}
}

func (s *scene) start(n, spread int) {
	depth := uint(bits.Len(uint(spread - 1)))
	for k := 0; k < n; k++ {
		if spread == 1 {
			go s.block(k)
		} else {
			go left(s, k, uint(k/perChannel%spread), depth)
		}
	}
	for parking.load() < int64(n) {
		time.Sleep(time.Millisecond)
	}
	// The last ones have said that they are about to park; give them the time.
	time.Sleep(200*time.Millisecond + time.Duration(n)*100*time.Nanosecond)
}

type atomic64 struct{ value int64 }

func (a *atomic64) add(n int64) int64  { return atomic.AddInt64(&a.value, n) }
func (a *atomic64) load() int64        { return atomic.LoadInt64(&a.value) }
func (a *atomic64) swap(n int64) int64 { return atomic.SwapInt64(&a.value, n) }
func (a *atomic64) raise(to int64) {
	for {
		old := a.load()
		if to <= old || atomic.CompareAndSwapInt64(&a.value, old, to) {
			return
		}
	}
}

func main() {
	n := flag.Int("n", 1000, "goroutines")
	spread := flag.Int("stack-spread", 1, "distinct ways down to each of the five places of waiting")
	collect := flag.Bool("gc", false, "collect twice before ready, so that waits have a length")
	flag.Parse()
	if *n < 1 || *spread < 1 {
		fmt.Fprintln(os.Stderr, "load: -n and -stack-spread start at 1")
		os.Exit(2)
	}

	s := newScene(*n)
	s.start(*n, *spread)
	if *collect {
		runtime.GC()
		runtime.GC()
	}
	watch := startStallWatch()
	fmt.Printf("ready pid %d goroutines %d channels %d\n", os.Getpid(), *n, len(s.callbacks)*kinds)

	words := bufio.NewScanner(os.Stdin)
	for words.Scan() {
		answer(words.Text(), watch)
	}
	select {} // a closed standard input is no reason to end
}
