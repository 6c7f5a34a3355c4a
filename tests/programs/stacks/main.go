// Goroutines parked in every kind of stack. At the end main freezes the program (it keeps the only P
// in a system call that the scheduler does not know of) after it has printed runtime.Stack's own
// words on all of them.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

var (
	never = make(chan int) // only received from
	full  = make(chan int) // only sent to
	spun  uint64
)

// start runs f in a goroutine of its own; f never returns.
func start(f func()) {
	go f()
}

func rawWrite(b []byte) {
	for len(b) > 0 {
		n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, 1, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		if errno != 0 {
			os.Exit(3)
		}
		b = b[n:]
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	startChannels()
	startLocks()
	startShapes()
	startCalls()
	startPanics()
	startSystem()
	goroutines, depth := 0, 0
	if len(os.Args) > 2 {
		goroutines, _ = strconv.Atoi(os.Args[1])
		depth, _ = strconv.Atoi(os.Args[2])
	}
	for i := 0; i < goroutines; i++ {
		go many(i%10, depth)
	}
	time.Sleep(300 * time.Millisecond)
	go spin(0x1234)
	go spinInCalls(make([]byte, 1<<20))
	time.Sleep(50 * time.Millisecond)

	var ends [2]int
	if syscall.Pipe(ends[:]) != nil {
		os.Exit(2)
	}
	text := make([]byte, 16<<20)
	if goroutines > 0 {
		fmt.Println("started")
		text = text[:0]
	}
	good := false
	for !good {
		runtime.Gosched()
		go unstarted()
		before := atomic.LoadUint64(&spun)
		size := runtime.Stack(text, true)
		if atomic.LoadUint64(&spun) != before {
			continue
		}
		rawWrite(text[:size])
		if atomic.LoadUint64(&spun) == before {
			good = true
			rawWrite([]byte("\n=== good\n"))
		} else {
			rawWrite([]byte("\n=== stale\n"))
		}
	}
	var b [1]byte
	for {
		syscall.RawSyscall(syscall.SYS_READ, uintptr(ends[0]), uintptr(unsafe.Pointer(&b[0])), 1)
	}
}

//go:noinline
func spin(n int) {
	for i := n; ; i++ {
		atomic.AddUint64(&spun, 1)
	}
}

// Nearly all of its time is the runtime's memmove, where it cannot be preempted: that happens where
// step, called next, looks whether its stack is large enough. On arm64 its return address is then
// in a register.
func spinInCalls(data []byte) {
	for {
		step(data)
	}
}

//go:noinline
func step(data []byte) {
	copy(data, data[1:])
	atomic.AddUint64(&spun, 1)
}

// What has not run yet when main freezes the program returns to where a goroutine ends.
func unstarted() {
	atomic.AddUint64(&spun, 1)
	<-never
}

//go:noinline
func many(site, depth int) {
	if depth > 0 {
		many(site, depth-1)
		return
	}
	switch site {
	case 0:
		<-never
	case 1:
		full <- 1
	case 2:
		select {
		case <-never:
		case full <- 2:
		}
	default:
		waitAt(site)
	}
}

//go:noinline
func waitAt(site int) {
	<-never
}
