package main

import "reflect"

type item struct {
	name string
	next *item
}

func channelScenes() {
	unbuffered := make(chan int)
	start(func() {
		note("receive unbuffered", "chan_receive", from(unbuffered))
		<-unbuffered
	})
	outgoing := make(chan *item)
	start(func() {
		note("send unbuffered", "chan_send", to(outgoing))
		outgoing <- nil
	})
	empty := make(chan string, 7)
	start(func() {
		note("receive from empty buffer", "chan_receive", from(empty))
		<-empty
	})
	full := make(chan string, 3)
	for len(full) < cap(full) {
		full <- "x"
	}
	start(func() {
		note("send to full buffer", "chan_send", to(full))
		full <- "y"
	})
	// A ring that has turned: send and receive indices are not 0.
	turned := make(chan byte, 5)
	for i := byte(0); i < 8; i++ {
		turned <- i
		if i < 3 {
			<-turned
		}
	}
	start(func() {
		note("send to turned full buffer", "chan_send", to(turned))
		turned <- 9
	})
	ranged := make(chan int)
	start(func() {
		note("range", "chan_receive", from(ranged))
		for range ranged {
		}
	})
	checked := make(chan int)
	start(func() {
		note("receive with ok", "chan_receive", from(checked))
		if _, ok := <-checked; ok {
			return
		}
	})
	start(func() {
		note("receive only view", "chan_receive", from(checked))
		var view <-chan int = checked
		<-view
	})
	nilChannels()
	closedLeftovers()
	shared()
	reflected()
}

func nilChannels() {
	start(func() {
		note("receive from nil", "chan_receive_nil")
		var c chan int
		<-c
	})
	start(func() {
		note("send to nil", "chan_send_nil")
		var c chan int
		c <- 1
	})
}

var closedChannel = make(chan int, 4)

// A goroutine that has been freed by a close, and waits elsewhere now.
func closedLeftovers() {
	closedChannel <- 1
	waiting, after := make(chan int), make(chan int)
	start(func() {
		<-waiting
		note("after a close", "chan_receive", from(after))
		<-after
	})
	close(waiting)
	close(closedChannel)
}

// Several goroutines at both ends' functions on one channel.
func shared() {
	c := make(chan *item, 1)
	c <- &item{}
	for i := 0; i < 5; i++ {
		start(func() {
			note("send shared", "chan_send", to(c))
			c <- nil
		})
	}
}

func reflected() {
	c := make(chan item)
	start(func() {
		note("reflect receive", "chan_receive", from(c))
		reflect.ValueOf(c).Recv()
	})
	d := make(chan item)
	start(func() {
		note("reflect send", "chan_send", to(d))
		reflect.ValueOf(d).Send(reflect.ValueOf(item{}))
	})
	start(func() {
		note("reflect select", "select", from(c), to(d))
		reflect.Select([]reflect.SelectCase{
			{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)},
			{Dir: reflect.SelectSend, Chan: reflect.ValueOf(d), Send: reflect.ValueOf(item{})},
		})
	})
}
