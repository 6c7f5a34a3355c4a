// Goroutines that wait for locks of all kinds: for each, its id and the address of the word that the
// runtime's semaphore lies on. Then waits for ever.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"
)

const (
	mutexes = 600 // more than the table has roots, so that treaps grow
	waiters = 4   // of each, so that nodes have chains
)

var (
	locks [mutexes]sync.Mutex
	group sync.WaitGroup
	rw    sync.RWMutex
	lines = make(chan string, mutexes*waiters+10)
)

func goid() int {
	var b [64]byte
	text := string(b[:runtime.Stack(b[:], false)])
	id, _ := strconv.Atoi(strings.Fields(text)[1])
	return id
}

func wait(address uintptr, block func()) {
	go func() {
		lines <- fmt.Sprintf("%d %#x", goid(), address)
		block()
	}()
}

func main() {
	for i := range locks {
		locks[i].Lock()
	}
	group.Add(1)
	rw.Lock()
	for n := 0; n < waiters; n++ {
		for i := range locks {
			lock := &locks[i]
			wait(uintptr(unsafe.Pointer(lock))+4, lock.Lock)
		}
	}
	wait(uintptr(unsafe.Pointer(&group))+8, group.Wait)
	wait(uintptr(unsafe.Pointer(&rw))+12, rw.RLock)
	wait(uintptr(unsafe.Pointer(&rw))+4, rw.Lock)
	time.Sleep(300 * time.Millisecond)
	out := bufio.NewWriter(os.Stdout)
	for n := len(lines); n > 0; n-- {
		fmt.Fprintln(out, <-lines)
	}
	fmt.Fprintln(out, "done")
	out.Flush()
	time.Sleep(time.Hour)
}
