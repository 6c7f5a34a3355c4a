// The smallest scene: one goroutine blocked for ever on one channel, and a main that waits.
package main

import (
	"fmt"
	"os"
	"time"
)

//go:noinline
func stuck(c chan int) { <-c }

func main() {
	c := make(chan int)
	go stuck(c)
	time.Sleep(50 * time.Millisecond)
	fmt.Printf("ready pid %d chan %p\n", os.Getpid(), c)
	time.Sleep(time.Hour)
	c <- 1
}
