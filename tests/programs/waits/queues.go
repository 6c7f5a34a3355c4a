package main

import (
	"fmt"
	"sync"
	"time"
)

// A queue's order is told by the runtime itself when the waiters are let go one by one.
type waiters struct {
	Name    string   `json:"name"`
	Channel string   `json:"channel"`
	Senders bool     `json:"senders"`
	Order   []uint64 `json:"order"` // goroutines as they were woken

	release func()
	woken   chan uint64
	count   int
}

var queues []*waiters

const (
	queueLength = 100
	between     = 300 * time.Microsecond // for each to park before the next comes
)

func queueScenes() {
	receiverQueue()
	senderQueue()
	mixedReceivers()
}

func newQueue(name string, channel any, senders bool, release func()) *waiters {
	q := &waiters{Name: name, Channel: fmt.Sprintf("%p", channel), Senders: senders,
		woken: make(chan uint64), count: queueLength, release: release}
	queues = append(queues, q)
	return q
}

func receiverQueue() {
	c := make(chan int)
	q := newQueue("receivers", c, false, func() { c <- 1 })
	for i := 0; i < q.count; i++ {
		start(func() {
			note("queued receiver", "chan_receive", from(c))
			<-c
			q.woken <- goid()
		})
		time.Sleep(between)
	}
}

// Senders in plain sends and selects.
func senderQueue() {
	c, never := make(chan int, 2), make(chan string)
	c <- 1
	c <- 1
	q := newQueue("senders", c, true, func() { <-c })
	for i := 0; i < q.count; i++ {
		if i%3 == 0 {
			start(func() {
				note("queued sender", "chan_send", to(c))
				c <- 2
				q.woken <- goid()
			})
		} else {
			start(func() {
				note("queued select", "select", to(c), from(never))
				select {
				case c <- 3:
					q.woken <- goid()
				case <-never:
				}
			})
		}
		time.Sleep(between)
	}
}

// Some in the middle go away, so that links have been cut and joined.
func mixedReceivers() {
	c := make(chan *item)
	q := newQueue("receivers after some have left", c, false, func() { c <- nil })
	q.count = 0
	var leaving sync.WaitGroup
	leave := make(chan bool)
	for i := 0; i < queueLength; i++ {
		if i%4 != 0 {
			q.count++
			start(func() {
				note("queued receiver", "chan_receive", from(c))
				<-c
				q.woken <- goid()
			})
		} else {
			leaving.Add(1)
			go func() {
				select {
				case <-c:
				case <-leave:
				}
				leaving.Done()
			}()
		}
		time.Sleep(between)
	}
	close(leave)
	leaving.Wait()
}

func drainQueues() []*waiters {
	for _, q := range queues {
		for i := 0; i < q.count; i++ {
			q.release()
			q.Order = append(q.Order, <-q.woken)
		}
	}
	return queues
}
