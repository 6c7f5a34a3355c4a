// Package retry holds callbacks that could not be delivered and tries them again, one after the
// other, so that a merchant who comes back is not run over.
package retry

import (
	"errors"
	"log"
	"net/http"
	"time"

	"example.test/payments/callback"
)

// Queue hands callbacks from many goroutines to the one that tries them again.
type Queue struct {
	pending chan *callback.Callback
	client  *http.Client
	pause   time.Duration
}

// NewQueue makes a queue that waits `pause` between two tries.
func NewQueue(client *http.Client, pause time.Duration) *Queue {
	return &Queue{pending: make(chan *callback.Callback), client: client, pause: pause}
}

// Push waits until the callback is taken over.
//
// This is where the leak shows: once Run has returned, nobody receives any more, and everyone who
// pushes stays here for ever.
func (q *Queue) Push(c *callback.Callback) {
	q.pending <- c
}

// Run tries callbacks until one meets a merchant who is gone.
//
// This is where the leak is made: one merchant's 410 ends the queue of all of them. It should drop
// that callback and go on, or close a channel that Push selects on.
func (q *Queue) Run() error {
	for c := range q.pending {
		err := c.Deliver(q.client)
		if errors.Is(err, callback.ErrGone) {
			return err
		}
		if err != nil {
			go q.Push(c)
		}
		time.Sleep(q.pause)
	}
	return nil
}

// Start runs the queue in the background, and logs its end where nobody reads it.
func (q *Queue) Start() {
	go func() {
		if err := q.Run(); err != nil {
			log.Printf("retry queue: gave up: %v", err)
		}
	}()
}
