package main

import (
	"context"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func kernelScenes() {
	networkScenes()
	reader, writer, err := os.Pipe()
	must(err)
	start(func() {
		note("read of pipe", "io")
		_, _ = reader.Read(make([]byte, 10))
		writer.Close()
	})
	var raw [2]int
	must(syscall.Pipe(raw[:]))
	start(func() {
		noteRow(&row{Name: "read system call", Kind: "syscall", Status: "syscall"})
		_, _ = syscall.Read(raw[0], make([]byte, 10))
	})
	start(func() {
		runtime.LockOSThread()
		noteRow(&row{Name: "read system call, locked", Kind: "syscall", Status: "syscall", Locked: true})
		_, _ = syscall.Read(raw[0], make([]byte, 10))
	})
	locked := make(chan int)
	start(func() {
		runtime.LockOSThread()
		noteRow(&row{Name: "locked to thread", Kind: "chan_receive", Locked: true,
			Waits: []*wait{from(locked)}})
		<-locked
	})
	signal.Notify(make(chan os.Signal, 1), syscall.SIGUSR1) // starts a goroutine of its own
	labelled()
}

func networkScenes() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	start(func() {
		note("accept", "io")
		_, _ = listener.Accept()
	})
	talk, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	accepted := make(chan net.Conn)
	go func() {
		server, err := talk.Accept()
		must(err)
		accepted <- server
	}()
	client, err := net.Dial("tcp", talk.Addr().String())
	must(err)
	server := <-accepted
	begun := make(chan bool)
	start(func() {
		note("read of connection", "io")
		begun <- true
		_, _ = server.Read(make([]byte, 10))
		client.Close()
	})
	<-begun
	time.Sleep(20 * time.Millisecond)
	// The second reader of a connection waits for the first one's lock, a bare semaphore.
	start(func() {
		note("second read of connection", "semaphore")
		_, _ = server.Read(make([]byte, 10))
	})
}

func labelled() {
	c := make(chan int)
	labels := map[string]string{"tenant": "acme corp", "job": "résumé\n2"}
	start(func() {
		pprof.Do(context.Background(), pprof.Labels("tenant", "acme corp", "job", "résumé\n2"),
			func(context.Context) {
				noteRow(&row{Name: "labelled", Kind: "chan_receive", Waits: []*wait{from(c)}, Labels: labels})
				<-c
			})
	})
	// Labels are inherited by the goroutines started under them.
	pprof.Do(context.Background(), pprof.Labels("worker", "7"), func(context.Context) {
		start(func() {
			noteRow(&row{Name: "inherited label", Kind: "chan_receive", Waits: []*wait{from(c)},
				Labels: map[string]string{"worker": "7"}})
			<-c
		})
	})
}
