package main

import (
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
)

type finalized struct{ p *int }

func startSystem() {
	start(func() {
		var ends [2]int
		syscall.Pipe(ends[:])
		var b [1]byte
		syscall.Read(ends[0], b[:])
	})
	start(func() {
		var set syscall.FdSet
		syscall.Select(0, &set, nil, nil, nil)
	})
	start(func() {
		r, _, _ := os.Pipe()
		var b [1]byte
		r.Read(b[:])
	})
	start(func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			<-never
		}
		l.Accept()
	})
	start(func() {
		runtime.LockOSThread()
		<-never
	})
	object := &finalized{new(int)}
	runtime.SetFinalizer(object, func(f *finalized) { <-never })
	object = nil
	runtime.GC()
	time.Sleep(10 * time.Millisecond)
	runtime.GC()
	time.Sleep(10 * time.Millisecond)
}
