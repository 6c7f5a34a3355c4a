package main

import (
	"fmt"
	"sync"
)

// Locks: the goroutines of lock i only ever wait for lock i.
type lockRow struct {
	Mutex   string `json:"mutex"`
	RWMutex string `json:"rwmutex"`
	Cond    string `json:"cond"`
}

func lock(mutex *sync.Mutex) {
	for {
		mutex.Lock() // wait: lock
		mutex.Unlock()
	}
}

func readLock(rw *sync.RWMutex) {
	for {
		rw.RLock() // wait: readLock
		rw.RUnlock()
	}
}

func writeLock(rw *sync.RWMutex) {
	for {
		rw.Lock() // wait: writeLock
		rw.Unlock()
	}
}

func waitCond(cond *sync.Cond) {
	for {
		cond.L.Lock() // wait: condLock
		cond.Wait()   // wait: condWait
		cond.L.Unlock()
	}
}

func signalCond(cond *sync.Cond) {
	for {
		cond.L.Lock() // wait: signalLock
		cond.Broadcast()
		cond.L.Unlock()
	}
}

func startLocks() []lockRow {
	var rows []lockRow
	for i := 0; i < 2; i++ {
		mutex, rw := new(sync.Mutex), new(sync.RWMutex)
		cond := sync.NewCond(new(sync.Mutex))
		rows = append(rows, lockRow{fmt.Sprintf("%p", mutex), fmt.Sprintf("%p", rw),
			fmt.Sprintf("%p", cond)})
		for k := 0; k < 3; k++ {
			go label("lock", func() { lock(mutex) })
			go label("lock", func() { readLock(rw) })
			go label("lock", func() { writeLock(rw) })
			go label("lock", func() { waitCond(cond) })
		}
		go label("lock", func() { signalCond(cond) })
	}
	return rows
}
