// A library of Go for a program in C: it has goroutines that wait, and says what they do.
package main

import "C"

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

type job struct{ number int }

var kept []chan *job

//go:noinline
func forgotten(c chan *job) *job { return <-c }

//export Begin
func Begin(n C.int) {
	for i := 0; i < int(n); i++ {
		c := make(chan *job)
		kept = append(kept, c)
		go forgotten(c)
	}
	time.Sleep(100 * time.Millisecond)
	text := make([]byte, 1<<20)
	text = text[:runtime.Stack(text, true)]
	fmt.Fprintf(os.Stdout, "ready %d\n%s\n", len(text), text)
}

func main() {}
