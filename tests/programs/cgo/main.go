// Goroutines that are in C, and in Go called back from C.
//
// Prints "ready pid P", and then answers "truth" and "stack" as the program waits does.
package main

/*
#include <unistd.h>

extern void goCallback(int);

static void sleep_in_c(void) { for (;;) sleep(1000); }
static void call_back(int n) { goCallback(n); }
static void call_back_deeper(int n) { char room[5000]; room[n % 5000] = 1; call_back(n + room[n % 5000] - 1); }
*/
import "C"

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

type row struct {
	ID      uint64 `json:"id"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Channel string `json:"channel"`
}

var (
	rowsMutex sync.Mutex
	rows      []row
	blocked   = make(chan int)
)

func note(name, status, channel string) {
	var buffer [64]byte
	text := bytes.TrimPrefix(buffer[:runtime.Stack(buffer[:], false)], []byte("goroutine "))
	id, err := strconv.ParseUint(string(text[:bytes.IndexByte(text, ' ')]), 10, 64)
	if err != nil {
		panic(err)
	}
	rowsMutex.Lock()
	rows = append(rows, row{id, name, status, channel})
	rowsMutex.Unlock()
}

//export goCallback
func goCallback(n C.int) {
	switch n {
	case 0:
		note("receive in a callback", "_Gwaiting", fmt.Sprintf("%p", blocked))
		<-blocked
	case 1:
		C.call_back_deeper(0) // and so down once more
	case 2:
		note("sleep in C in a callback", "_Gsyscall", "")
		C.sleep_in_c()
	}
}

func stackOfAll() []byte {
	buffer := make([]byte, 1<<20)
	return buffer[:runtime.Stack(buffer, true)]
}

func main() {
	go func() {
		note("sleep in C", "_Gsyscall", "")
		C.sleep_in_c()
	}()
	go func() { C.call_back(0) }()
	go func() { C.call_back(1) }()
	go func() { C.call_back_deeper(2) }()
	go func() {
		runtime.LockOSThread()
		C.call_back(0)
	}()
	go func() {
		note("plain", "_Gwaiting", fmt.Sprintf("%p", blocked))
		<-blocked
	}()
	time.Sleep(300 * time.Millisecond)
	fmt.Printf("ready pid %d\n", os.Getpid())
	words := bufio.NewScanner(os.Stdin)
	for words.Scan() {
		var text []byte
		switch words.Text() {
		case "truth":
			text, _ = json.Marshal(rows)
		case "stack":
			text = stackOfAll()
		}
		fmt.Printf("%s %d\n%s\n", words.Text(), len(text), text)
	}
}
