package main

import (
	"sync"
	"time"
)

var (
	mutex  sync.Mutex
	rw     sync.RWMutex
	rw2    sync.RWMutex
	group  sync.WaitGroup
	cond   = sync.NewCond(&sync.Mutex{})
	once   sync.Once
	shared struct {
		sync.Mutex
		n int
	}
)

func startLocks() {
	mutex.Lock()
	shared.Lock()
	rw.Lock()
	rw2.RLock()
	group.Add(1)
	start(func() { mutex.Lock() })
	start(func() { mutex.Lock() })
	start(func() { shared.Lock() })
	start(func() { rw.RLock() })
	start(func() { rw.Lock() })
	start(func() { rw2.Lock() })
	start(func() { group.Wait() })
	start(func() { cond.L.Lock(); cond.Wait() })
	start(func() { once.Do(func() { <-never }) })
	time.Sleep(10 * time.Millisecond)
	start(func() { once.Do(func() {}) })
	var locker sync.Locker = &mutex
	go locker.Lock()
	go group.Wait()
}
