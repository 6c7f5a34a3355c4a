// Counts on several threads without a pause, and can tell whether it has counted right: it is what
// others are stopped, read and killed over.
//
//	count [-n parked goroutines]
//
// prints "ready pid P"; "count" on standard input is answered by one line of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const workers = 4

type pair struct {
	mutex sync.Mutex
	a, b  int64 // always the same, but while the mutex is held
}

var (
	counted [workers]int64
	paired  pair
	passed  int64 // through a channel
	taken   int64
	slept   int64
)

func count(worker int) {
	if worker == 0 {
		runtime.LockOSThread()
	}
	for {
		for i := 0; i < 1000; i++ {
			atomic.AddInt64(&counted[worker], 1)
		}
		paired.mutex.Lock()
		paired.a++
		paired.b++
		paired.mutex.Unlock()
	}
}

func pass(c chan int64) {
	for n := int64(1); ; n++ {
		c <- n
		atomic.StoreInt64(&passed, n)
		if n%100 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

// take finds out when a value was lost or came twice.
func take(c chan int64) {
	for n := int64(1); ; n++ {
		if got := <-c; got != n {
			panic(fmt.Sprintf("%d came instead of %d", got, n))
		}
		atomic.StoreInt64(&taken, n)
	}
}

// A thread that sleeps in the kernel, again and again.
func sleepInKernel() {
	for {
		pause := syscall.NsecToTimespec(int64(time.Millisecond))
		if err := syscall.Nanosleep(&pause, nil); err != nil && err != syscall.EINTR {
			panic(err)
		}
		atomic.AddInt64(&slept, 1)
	}
}

func main() {
	n := flag.Int("n", 0, "goroutines parked beside those that count")
	flag.Parse()
	parked := make(chan int)
	for i := 0; i < *n; i++ {
		go func() { <-parked }()
	}
	runtime.GOMAXPROCS(workers)
	for i := 0; i < workers; i++ {
		go count(i)
	}
	c := make(chan int64)
	go pass(c)
	go take(c)
	go sleepInKernel()
	time.Sleep(100 * time.Millisecond)
	fmt.Printf("ready pid %d\n", os.Getpid())

	words := bufio.NewScanner(os.Stdin)
	for words.Scan() {
		paired.mutex.Lock()
		told := map[string]any{"a": paired.a, "b": paired.b}
		paired.mutex.Unlock()
		var each []int64
		for i := range counted {
			each = append(each, atomic.LoadInt64(&counted[i]))
		}
		told["counted"] = each
		told["taken"] = atomic.LoadInt64(&taken)
		told["passed"] = atomic.LoadInt64(&passed)
		told["slept"] = atomic.LoadInt64(&slept)
		text, err := json.Marshal(told)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s\n", text)
	}
}
