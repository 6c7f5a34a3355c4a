package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"
)

const (
	tick = 500 * time.Microsecond
	rest = 50 * time.Millisecond
)

// stallWatch measures how long the program stood still: two clocks tick, one on a thread of its
// own that sleeps in the kernel, one as an ordinary goroutine that sleeps in Go's scheduler. A tick
// that comes late by D is a stall of D. While it rests the clocks hardly tick: thousands of
// wake-ups a second would take a fifth of a processor from whoever is being timed.
type stallWatch struct {
	thread, goroutine, pause atomic64
	since                    time.Time
}

func startStallWatch() *stallWatch {
	w := &stallWatch{since: time.Now()}
	w.pause.swap(int64(tick))
	go func() {
		runtime.LockOSThread()
		for {
			before, pause := time.Now(), w.pause.load()
			duration := syscall.NsecToTimespec(pause)
			syscall.Nanosleep(&duration, nil)
			w.thread.raise(int64(time.Since(before)) - pause)
		}
	}()
	go func() {
		for {
			before, pause := time.Now(), w.pause.load()
			time.Sleep(time.Duration(pause))
			w.goroutine.raise(int64(time.Since(before)) - pause)
		}
	}()
	return w
}

// setPause changes the tick, and returns when both clocks go by the new one.
func (w *stallWatch) setPause(pause time.Duration) map[string]any {
	before := w.pause.swap(int64(pause))
	time.Sleep(time.Duration(before) + 4*tick)
	w.take()
	return map[string]any{"tick_ns": int64(pause)}
}

// take gives the longest stalls since it was last called.
func (w *stallWatch) take() map[string]any {
	time.Sleep(4 * tick) // a stall under way shows only when its tick has come
	now := time.Now()
	answer := map[string]any{
		"thread_stall_ns":    w.thread.swap(0),
		"goroutine_stall_ns": w.goroutine.swap(0),
		"over_ns":            int64(now.Sub(w.since)),
	}
	w.since = now
	return answer
}

type countingWriter struct{ bytes int64 }

func (c *countingWriter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}

func writeProfile(debug int, watch *stallWatch) map[string]any {
	watch.take()
	var counted countingWriter
	start := time.Now()
	err := pprof.Lookup("goroutine").WriteTo(&counted, debug)
	took := time.Since(start)
	answer := watch.take()
	answer["ns"] = int64(took)
	answer["bytes"] = counted.bytes
	if err != nil {
		answer["error"] = err.Error()
	}
	return answer
}

func memory() map[string]any {
	answer := map[string]any{}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		answer["error"] = err.Error()
	}
	for _, line := range strings.Split(string(status), "\n") {
		var kb int64
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
			answer["rss_bytes"] = kb * 1024
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			answer["peak_bytes"] = kb * 1024
		}
	}
	return answer
}

func answer(word string, watch *stallWatch) {
	var said map[string]any
	switch word {
	case "stall":
		said = watch.take()
	case "rest":
		said = watch.setPause(rest)
	case "watch":
		said = watch.setPause(tick)
	case "debug2":
		said = writeProfile(2, watch)
	case "proto":
		said = writeProfile(0, watch)
	case "rss":
		said = memory()
	case "gc":
		start := time.Now()
		runtime.GC()
		said = map[string]any{"ns": int64(time.Since(start))}
	case "quit":
		os.Exit(0)
	default:
		said = map[string]any{"error": "unknown word: " + word}
	}
	text, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", text)
}
