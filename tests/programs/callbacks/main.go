// Goroutines parked in Go code that C code has called: Go -> C -> Go. Frozen like the program "stacks",
// after it has printed runtime.Stack's own words.
package main

/*
#include <unistd.h>
extern void goCallback(int);
static void callBack(int n) { goCallback(n); }
static void nestedBack(int n) { callBack(n + 1); }
static void sleepInC(void) { for (;;) sleep(1000); }
*/
import "C"

import (
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
	"unsafe"
)

var never = make(chan int)

//export goCallback
func goCallback(n C.int) {
	if n > 10 {
		C.callBack(n - 10)
	}
	inner(int(n))
}

//go:noinline
func inner(n int) { <-never }

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
	go C.callBack(1)
	go func() { C.nestedBack(2) }()
	go C.nestedBack(13)
	go C.sleepInC()
	time.Sleep(300 * time.Millisecond)
	var ends [2]int
	if syscall.Pipe(ends[:]) != nil {
		os.Exit(2)
	}
	text := make([]byte, 1<<20)
	runtime.Gosched()
	rawWrite(text[:runtime.Stack(text, true)])
	rawWrite([]byte("\n=== good\n"))
	var b [1]byte
	for {
		syscall.RawSyscall(syscall.SYS_READ, uintptr(ends[0]), uintptr(unsafe.Pointer(&b[0])), 1)
	}
}
