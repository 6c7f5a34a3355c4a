package main

import (
	"context"
	"reflect"
	"sort"
	"strings"
)

type waiter interface{ wait(n int) int }
type plain struct{ n int }
type outer struct{ plain }
type outermost struct{ *outer }
type holder struct{ waiter }

//go:noinline
func (p plain) wait(n int) int { return <-never + n }

type queue[T any] struct{ items []T }

//go:noinline
func (q *queue[T]) push(item T) { q.items = append(q.items, item); <-never }

//go:noinline
func generic[K comparable, V any](m map[K]V, k K) V { <-never; return m[k] }

//go:noinline
func viaGeneric[W waiter](w W) int { return w.wait(1) }

func small1(n int) int { return small2(n) + 1 }
func small2(n int) int { return small3(n) * 2 }
func small3(n int) int { return <-never + n }

//go:noinline
func recurse(n int) int {
	if n == 0 {
		return <-never
	}
	return recurse(n-1) + 1
}

func ping(n int) {
	if n == 0 {
		<-never
	}
	pong(n - 1)
}

//go:noinline
func pong(n int) {
	func() { ping(n) }()
}

func startCalls() {
	var w waiter = plain{1}
	go w.wait(2)
	w = &plain{2}
	go w.wait(3)
	w = outer{plain{3}}
	go w.wait(4)
	w = &outermost{&outer{plain{4}}}
	go w.wait(5)
	w = holder{plain{5}}
	go w.wait(6)
	method := plain{6}.wait
	go method(7)
	expression := plain.wait
	go expression(plain{8}, 9)
	face := waiter.wait
	go face(w, 10)
	start(func() { w.wait(11) })
	go (&queue[int]{}).push(1)
	go (&queue[string]{}).push("s")
	go (&queue[*queue[plain]]{}).push(nil)
	go generic(map[string]int{}, "k")
	go generic(map[plain]waiter{}, plain{})
	go viaGeneric(plain{12})
	go viaGeneric[waiter](w)
	start(func() { generic(map[int]int{}, 1) })
	go small1(3)
	start(func() { small1(4) })
	start(func() {
		func() {
			func() { small2(5) }()
		}()
	})
	go recurse(30)
	go recurse(98)
	go recurse(99)
	go recurse(100)
	go recurse(400)
	go ping(60)
	start(func() {
		sort.Slice([]int{3, 1, 2}, func(i, j int) bool { <-never; return i < j })
	})
	start(func() {
		strings.Map(func(r rune) rune { return rune(<-never) }, "abc")
	})
	start(func() { reflect.ValueOf(receive).Call([]reflect.Value{reflect.ValueOf(1), reflect.ValueOf("x")}) })
	start(func() { reflect.ValueOf(exported{}).Method(0).Call([]reflect.Value{reflect.ValueOf(5)}) })
	made := reflect.MakeFunc(reflect.TypeOf(receive), func(args []reflect.Value) []reflect.Value { <-never; return nil })
	go made.Interface().(func(int, string))(1, "made")
	start(func() {
		defer func() { <-never }()
	})
	start(func() {
		for i := 0; i < 2; i++ {
			defer receive(i, "deferred")
		}
	})
	start(func() {
		defer w.wait(14)
	})
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	start(func() { <-ctx.Done() })
	x := 0
	go func(a, b int) {
		x += a
		<-never
	}(1, 2)
	go new(big).method(15)
}

type exported struct{}

func (exported) Wait(n int) { <-never }
