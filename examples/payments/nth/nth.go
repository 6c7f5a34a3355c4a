// Package nth is the textbook scene: N channels are made, all but one are forgotten unclosed, and a
// goroutine is blocked on each of those.
package nth

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strconv"
)

// Receipt is what the goroutines wait for.
type Receipt struct {
	OrderID string
	Cents   int
}

// Scene keeps the channels reachable, as a registry in a real program would.
type Scene struct {
	channels []chan *Receipt
	ids      []uint64
	closed   int
}

// Make builds the scene with n channels; the one in the middle is closed as it should be.
func Make(n int) *Scene {
	s := &Scene{closed: n / 2}
	for i := 0; i < n; i++ {
		receipts := make(chan *Receipt)
		id := make(chan uint64)
		go waitForReceipt(receipts, id)
		s.channels = append(s.channels, receipts)
		s.ids = append(s.ids, <-id)
	}
	if n > 0 {
		close(s.channels[s.closed])
	}
	return s
}

// Print says what there is to be found, by the program's own word.
func (s *Scene) Print(w io.Writer) {
	nth := 0
	for i, channel := range s.channels {
		if i == s.closed {
			fmt.Fprintf(w, "made %3d  %p  closed\n", i+1, channel)
			continue
		}
		nth++
		fmt.Fprintf(w, "made %3d  %p  forgotten: unclosed channel %d, goroutine %d is blocked on it\n", i+1, channel, nth, s.ids[i])
	}
}

func waitForReceipt(receipts <-chan *Receipt, id chan<- uint64) {
	id <- goroutineID()
	for receipt := range receipts {
		fmt.Println("received", receipt.OrderID)
	}
}

// goroutineID reads the number from "goroutine 18 [running]:", the only place where Go tells it.
func goroutineID() uint64 {
	text := make([]byte, 64)
	text = text[:runtime.Stack(text, false)]
	number := bytes.Fields(text)[1]
	id, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil {
		panic(err)
	}
	return id
}
