package main

import (
	"fmt"
	"sync"
	"time"
)

// parkedRow is a goroutine that never moves.
type parkedRow struct {
	ID       uint64 `json:"id"`
	Function string `json:"function"`
	Channel  string `json:"channel"`
}

const parkedCount = 40

func parkInReceive(c chan typeS, begun func()) {
	begun()
	<-c // wait: parkInReceive
}

func parkInSend(c chan typeT, begun func()) {
	begun()
	c <- nil // wait: parkInSend
}

func startParked() []parkedRow {
	var rows []parkedRow
	var mutex sync.Mutex
	var all sync.WaitGroup
	begin := func(function string, channel any) func() {
		all.Add(1)
		return func() {
			mutex.Lock()
			rows = append(rows, parkedRow{goid(), function, fmt.Sprintf("%p", channel)})
			mutex.Unlock()
			all.Done()
		}
	}
	for i := 0; i < parkedCount; i++ {
		received, sent := make(chan typeS), make(chan typeT)
		begunReceive, begunSend := begin("parkInReceive", received), begin("parkInSend", sent)
		go label("parked", func() { parkInReceive(received, begunReceive) })
		go label("parked", func() { parkInSend(sent, begunSend) })
	}
	all.Wait()
	return rows
}

// A queue that never changes, of plain senders and selects.
type stillQueue struct {
	Channel string   `json:"channel"`
	Order   []uint64 `json:"order"`
}

func queueSend(c chan typeU, ids chan uint64) {
	ids <- goid()
	c <- nil // wait: queueSend
}

func queueSelect(c chan typeU, never chan typeV, ids chan uint64) {
	ids <- goid()
	select { // wait: queueSelect
	case c <- nil:
	case <-never:
	}
}

func startQueue() stillQueue {
	c, never := make(chan typeU, 2), make(chan typeV)
	c <- nil
	c <- nil
	queue := stillQueue{Channel: fmt.Sprintf("%p", c)}
	ids := make(chan uint64)
	for i := 0; i < 30; i++ {
		if i%2 == 0 {
			go label("queue", func() { queueSend(c, ids) })
		} else {
			go label("queue", func() { queueSelect(c, never, ids) })
		}
		queue.Order = append(queue.Order, <-ids)
		time.Sleep(5 * time.Millisecond)
	}
	return queue
}
