// Package worker settles payments with a fixed number of goroutines.
package worker

import (
	"log"
	"net/http"
	"sync/atomic"

	"example.test/payments/callback"
	"example.test/payments/retry"
)

// Payment is an order that the bank has paid.
type Payment struct {
	OrderID     string
	Cents       int
	CallbackURL string
}

// Pool settles payments and tells the merchant of each.
type Pool struct {
	jobs   chan Payment
	client *http.Client
	queue  *retry.Queue
	failed int32 // callbacks that failed in a row
}

// Enough failures in a row that a first try is a waste: callbacks then go straight to the queue.
const breakerLimit = 20

// NewPool starts `size` workers.
func NewPool(size int, client *http.Client, queue *retry.Queue) *Pool {
	p := &Pool{jobs: make(chan Payment, size), client: client, queue: queue}
	for i := 0; i < size; i++ {
		go p.work()
	}
	return p
}

// Settle hands a payment to the next free worker.
func (p *Pool) Settle(payment Payment) {
	p.jobs <- payment
}

func (p *Pool) work() {
	for payment := range p.jobs {
		message := callback.New(payment.OrderID, payment.CallbackURL, payment.Cents)
		go p.notify(message) // so that a slow merchant holds up nobody else
	}
}

func (p *Pool) notify(message *callback.Callback) {
	if atomic.LoadInt32(&p.failed) < breakerLimit {
		err := message.Deliver(p.client)
		if err == nil {
			atomic.StoreInt32(&p.failed, 0)
			return
		}
		if atomic.AddInt32(&p.failed, 1) == breakerLimit {
			log.Printf("workers: %d callbacks failed in a row, the last with %q: all go to the retry queue now", breakerLimit, err)
		}
	}
	p.queue.Push(message)
}
