package main

import "sync"

func lockScenes() {
	var mutex sync.Mutex
	mutex.Lock()
	for i := 0; i < 5; i++ {
		start(func() {
			note("Mutex", "mutex", onLock(&mutex))
			mutex.Lock()
		})
	}
	guarded := &struct {
		before [3]int
		sync.Mutex
	}{}
	guarded.Lock()
	start(func() {
		note("embedded Mutex", "mutex", onLock(&guarded.Mutex))
		guarded.Lock()
	})
	// As many locks at once make a deep tree of the runtime's semaphores.
	locks := make([]sync.Mutex, 300)
	for i := range locks {
		lock := &locks[i]
		lock.Lock()
		start(func() {
			note("one of many Mutexes", "mutex", onLock(lock))
			lock.Lock()
		})
	}
	readersBehindWriter()
	writerBehindReaders()
	writerBehindWriter()
	var once sync.Once
	never := make(chan int)
	begun := make(chan bool)
	start(func() {
		once.Do(func() {
			note("in Once.Do", "chan_receive", from(never))
			begun <- true
			<-never
		})
	})
	<-begun
	start(func() {
		note("behind Once.Do", "mutex") // its lock is not ours to name
		once.Do(func() {})
	})
}

func readersBehindWriter() {
	var rw sync.RWMutex
	rw.Lock()
	for i := 0; i < 3; i++ {
		start(func() {
			note("RLock behind writer", "rwmutex_read", onLock(&rw))
			rw.RLock()
		})
	}
}

func writerBehindReaders() {
	var rw sync.RWMutex
	rw.RLock()
	start(func() {
		note("Lock behind reader", "rwmutex_write", onLock(&rw))
		rw.Lock()
	})
}

// The second writer queues for the RWMutex's inner Mutex, which is its first field.
func writerBehindWriter() {
	var rw sync.RWMutex
	rw.Lock()
	start(func() {
		note("Lock behind writer", "mutex", onLock(&rw))
		rw.Lock()
	})
}

func conditionScenes() {
	var group sync.WaitGroup
	group.Add(1)
	for i := 0; i < 2; i++ {
		start(func() {
			note("WaitGroup", "wait_group", onLock(&group))
			group.Wait()
		})
	}
	var mutex sync.Mutex
	cond := sync.NewCond(&mutex)
	for i := 0; i < 3; i++ {
		start(func() {
			mutex.Lock()
			note("Cond", "cond", onLock(cond))
			cond.Wait()
		})
	}
	embedded := &struct {
		count int
		cond  sync.Cond
	}{}
	embedded.cond.L = &sync.RWMutex{}
	start(func() {
		embedded.cond.L.Lock()
		note("Cond on RWMutex", "cond", onLock(&embedded.cond))
		for embedded.count == 0 {
			embedded.cond.Wait()
		}
	})
}
