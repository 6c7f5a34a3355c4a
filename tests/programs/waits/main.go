// Every kind of wait that a goroutine can be in, each known to the program itself: what it says of
// its goroutines is the truth that a look from outside is held against.
//
// Prints "ready pid P" once everything is parked, and then answers the words that come on standard
// input, each answer framed by a line "WORD BYTES":
//
//	truth   JSON: one row for each goroutine that a scene has started
//	stack   runtime.Stack of all goroutines
//	gc      one garbage collection
//	drain   JSON: the order in which the runtime itself wakes each queue's waiters
//	leaks   looks for leaked goroutines, where the release can
//	abort   ends by a signal, which can leave a core, in the middle of whatever runs
//	quit    ends
//
// With -spin there are goroutines that never park, too.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"
)

// scenes start goroutines that park for ever, and note what each of them waits for. Files that need
// a newer release add theirs in init.
var scenes = []func(){
	channelScenes,
	elementScenes,
	selectScenes,
	timerScenes,
	lockScenes,
	conditionScenes,
	kernelScenes,
	runningScenes,
	stackScenes,
	argumentScenes,
	genericScenes,
	panicScenes,
	queueScenes,
}

func stackOfAll() []byte {
	buffer := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buffer, true)
		if n < len(buffer) {
			return buffer[:n]
		}
		buffer = make([]byte, 2*len(buffer))
	}
}

func asJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

func answer(word string) []byte {
	switch word {
	case "truth":
		return asJSON(truth())
	case "stack":
		return stackOfAll()
	case "gc":
		runtime.GC()
		return []byte("done")
	case "drain":
		return asJSON(drainQueues())
	case "leaks":
		profile := pprof.Lookup("goroutineleak")
		if profile == nil {
			return []byte("cannot")
		}
		var text strings.Builder
		if err := profile.WriteTo(&text, 1); err != nil {
			panic(err)
		}
		return []byte(text.String())
	case "abort":
		abort()
	case "quit":
		os.Exit(0)
	}
	return []byte("unknown word")
}

// endSome leaves used and free g's among the living ones.
func endSome() {
	for i := 0; i < 50; i++ {
		done := make(chan bool)
		go func() { done <- true }()
		<-done
	}
}

var spin = flag.Bool("spin", false, "have goroutines that run all the time")

func main() {
	flag.Parse()
	for _, scene := range scenes {
		scene()
		endSome()
	}
	awaitAll()
	time.Sleep(100 * time.Millisecond)
	fmt.Printf("ready pid %d\n", os.Getpid())
	words := bufio.NewScanner(os.Stdin)
	for words.Scan() {
		text := answer(words.Text())
		fmt.Printf("%s %d\n%s\n", words.Text(), len(text), text)
	}
}
