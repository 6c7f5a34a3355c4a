package main

import (
	"runtime"
	"syscall"
	"unsafe"
)

// abort ends the program as it stands: no handler of the runtime's stops the other threads or
// prints anything first.
func abort() {
	runtime.LockOSThread()
	var byDefault [4]uint64 // the kernel's struct sigaction
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGABRT),
		uintptr(unsafe.Pointer(&byDefault)), 0, 8, 0, 0)
	pid, _, _ := syscall.RawSyscall(syscall.SYS_GETPID, 0, 0, 0)
	tid, _, _ := syscall.RawSyscall(syscall.SYS_GETTID, 0, 0, 0)
	syscall.RawSyscall(syscall.SYS_TGKILL, pid, tid, uintptr(syscall.SIGABRT))
}
