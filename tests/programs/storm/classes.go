package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Class A: channels that are only ever waited on in recvA. Its senders never wait.
func recvA(c chan typeA) {
	for {
		<-c // wait: recvA
	}
}

func startReceivers() {
	channels := make([]chan typeA, each/3)
	for i := range channels {
		channels[i] = make(chan typeA)
		for k := 0; k < 3; k++ {
			c := channels[i]
			go label("A", func() { recvA(c) })
		}
	}
	go func() {
		for n := typeA(0); ; n++ {
			select {
			case channels[int(n)%len(channels)] <- n:
			default:
				runtime.Gosched()
			}
		}
	}()
}

// Class B: only ever sent to by those that wait.
func sendB(c chan typeB) {
	for {
		c <- nil // wait: sendB
	}
}

func startSenders() {
	channels := make([]chan typeB, each/3)
	for i := range channels {
		channels[i] = make(chan typeB, 3)
		for k := 0; k < 3; k++ {
			c := channels[i]
			go label("B", func() { sendB(c) })
		}
	}
	go func() {
		for n := 0; ; n++ {
			select {
			case <-channels[n%len(channels)]:
			default:
				runtime.Gosched()
			}
		}
	}()
}

// Class C: one sender and one receiver, which can never both wait.
func pingC(c chan typeC) {
	for n := uint64(0); ; n++ {
		c <- typeC{n} // wait: pingC
	}
}

func pongC(c chan typeC) {
	for {
		<-c // wait: pongC
	}
}

func startPingPong() {
	for i := 0; i < each/2; i++ {
		c := make(chan typeC)
		go label("C", func() { pingC(c) })
		go label("C", func() { pongC(c) })
	}
}

// Class D: selects in turn on two pairs of channels, never on a mixture.
type pairsOf struct {
	X1 string `json:"x1"`
	Y1 string `json:"y1"`
	X2 string `json:"x2"`
	Y2 string `json:"y2"`
}

func selectD(x1 chan typeX1, y1 chan typeY1, x2 chan typeX2, y2 chan typeY2) {
	for {
		select { // wait: selectD1
		case <-x1:
		case y1 <- 1:
		}
		select { // wait: selectD2
		case y2 <- "":
		case <-x2:
		}
	}
}

// freeD lets the selects go on, and never waits.
func freeD(x1 chan typeX1, y1 chan typeY1, x2 chan typeX2, y2 chan typeY2) {
	for n := 0; ; n++ {
		select {
		case x1 <- typeX1{}:
		case <-y2:
		default:
			runtime.Gosched()
		}
		select {
		case <-y1:
		case x2 <- typeX2{}:
		default:
		}
	}
}

func startSelects() []pairsOf {
	var pairs []pairsOf
	for i := 0; i < each/3; i++ {
		x1, y1 := make(chan typeX1), make(chan typeY1, 2)
		x2, y2 := make(chan typeX2, 1), make(chan typeY2)
		pairs = append(pairs, pairsOf{fmt.Sprintf("%p", x1), fmt.Sprintf("%p", y1),
			fmt.Sprintf("%p", x2), fmt.Sprintf("%p", y2)})
		go label("D", func() { selectD(x1, y1, x2, y2) })
		go freeD(x1, y1, x2, y2)
	}
	return pairs
}

// Class E: channels that live for a moment: made, waited on, closed. Nobody waits on a closed one.
func recvE(c chan typeE, done *sync.WaitGroup) {
	<-c // wait: recvE
	done.Done()
}

func recvF(c chan typeF, done *sync.WaitGroup) {
	for range c { // wait: recvF
	}
	done.Done()
}

func churn() {
	for n := 0; ; n++ {
		var done sync.WaitGroup
		done.Add(4)
		e, f := make(chan typeE), make(chan typeF, 5)
		for i := 0; i < 2; i++ {
			go label("E", func() { recvE(e, &done) })
			go label("E", func() { recvF(f, &done) })
		}
		if n%3 == 0 {
			runtime.Gosched()
		}
		select {
		case f <- typeF{}:
		default:
		}
		close(e)
		close(f)
		for i := 0; i < 10 && n%2 == 0; i++ {
			runtime.Gosched()
		}
		done.Wait() // wait: churn
	}
}

func startChurn() {
	for i := 0; i < 4; i++ {
		go label("churn", churn)
	}
}

// Swings: the same goroutine receives here and sends there, again and again.
func swing(p chan typeP, q chan typeQ) {
	for {
		<-p          // wait: swingReceive
		q <- typeQ{} // wait: swingSend
	}
}

func counterSwing(p chan typeP, q chan typeQ) {
	for {
		p <- 1 // wait: counterSend
		<-q    // wait: counterReceive
	}
}

func startSwings() {
	for i := 0; i < each/2; i++ {
		p, q := make(chan typeP), make(chan typeQ)
		go label("swing", func() { swing(p, q) })
		go label("swing", func() { counterSwing(p, q) })
	}
}

// Many at both ends of one buffered channel.
func sharedSend(c chan typeY3) {
	for {
		c <- 1 // wait: sharedSend
	}
}

func sharedReceive(c chan typeY3) {
	for {
		<-c // wait: sharedReceive
	}
}

type typeY3 uint16

func startShared() {
	c := make(chan typeY3, 4)
	for i := 0; i < each; i++ {
		go label("shared", func() { sharedSend(c) })
		go label("shared", func() { sharedReceive(c) })
	}
}

// Stacks that grow and shrink: the collector moves them while their goroutines are parked.
type typeZ [9]uintptr

func deepReceive(depth int, c chan typeZ) uintptr {
	if depth > 0 {
		return deepReceive(depth-1, c) + 1
	}
	return (<-c)[0] // wait: deepReceive
}

func deep(c chan typeZ) {
	for n := 0; ; n++ {
		deepReceive(n%4*60, c)
	}
}

func startDeep() {
	for i := 0; i < 4; i++ {
		c := make(chan typeZ)
		go label("deep", func() { deep(c) })
		go func() {
			for {
				select {
				case c <- typeZ{}:
				default:
					time.Sleep(50 * time.Microsecond)
				}
			}
		}()
	}
}

// Short lives: a g is used again and again by goroutines of different classes.
type typeW struct{ next *typeW }

func shortReceive(c chan typeW) { <-c /* wait: shortReceive */ }

func shortSend(c chan typeW) { c <- typeW{} /* wait: shortSend */ }

func startShortLived() {
	for i := 0; i < 3; i++ {
		go func() {
			for {
				c := make(chan typeW)
				go label("short", func() { shortReceive(c) })
				go label("short", func() { shortSend(c) })
				runtime.Gosched()
			}
		}()
	}
}
