// Prints the address and, as reflect has it, the name of types of every kind: those of the program
// and those that it makes as it runs. Then waits for ever.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"reflect"
	"time"
	"unsafe"
)

type callback struct {
	ID   int
	Next *callback
}
type box[T any] struct{ value T }
type stringer interface{ String() string }
type number int

func (n number) String() string { return "" }
func (c *callback) Run() error  { return nil }

var out = bufio.NewWriter(os.Stdout)

func show(types ...reflect.Type) {
	for _, t := range types {
		fmt.Fprintf(out, "%#x %s\n", (*[2]uintptr)(unsafe.Pointer(&t))[1], t.String())
	}
}

func main() {
	values := []interface{}{
		false, int8(1), uint(1), 1.5, complex64(1), "s", uintptr(1), unsafe.Pointer(nil),
		callback{}, &callback{}, box[int]{}, &box[*callback]{}, box[box[string]]{}, number(1),
		struct{}{}, struct{ a, b int }{}, struct {
			A int `json:"a"`
		}{}, struct{ *callback }{},
		[3]int{}, []byte{}, [][]string{}, map[string]int{}, map[callback]chan int{},
		make(chan int), make(<-chan *callback), make(chan<- struct{}), make(chan (<-chan int)),
		make(chan interface{}), make(chan func()), func(int, ...string) (bool, error) { return false, nil },
		time.Now(), &time.Timer{}, [0]func(){}, new(error), new(stringer), new(io.Reader), new(interface{}),
		new(interface {
			io.Reader
			Own(int) string
		}), make(chan struct{ big [100]map[string][]*callback }),
	}
	for _, v := range values {
		show(reflect.TypeOf(v))
		if t := reflect.TypeOf(v); t.Kind() == reflect.Ptr || t.Kind() == reflect.Chan {
			show(t.Elem())
		}
	}
	makeTypes()
	fmt.Fprintln(out, "done")
	out.Flush()
	time.Sleep(time.Hour)
}

func makeTypes() {
	for _, elem := range []reflect.Type{reflect.TypeOf(callback{}), reflect.TypeOf(number(0)), reflect.TypeOf(1),
		reflect.TypeOf((*stringer)(nil)).Elem(), reflect.TypeOf(box[number]{})} {
		made := []reflect.Type{
			reflect.ArrayOf(7, elem), reflect.SliceOf(elem), reflect.PtrTo(reflect.ArrayOf(9, elem)),
			reflect.ChanOf(reflect.BothDir, reflect.ArrayOf(5, elem)),
			reflect.ChanOf(reflect.RecvDir, reflect.ArrayOf(5, elem)),
			reflect.ChanOf(reflect.SendDir, reflect.ArrayOf(5, elem)),
			reflect.ChanOf(reflect.BothDir, reflect.ChanOf(reflect.RecvDir, reflect.ArrayOf(4, elem))),
			reflect.MapOf(reflect.TypeOf("s"), reflect.ArrayOf(3, elem)),
			reflect.FuncOf([]reflect.Type{elem, reflect.TypeOf(int8(1))}, nil, false),
			reflect.FuncOf([]reflect.Type{elem, reflect.SliceOf(elem)}, []reflect.Type{elem}, true),
			reflect.FuncOf(nil, []reflect.Type{elem, reflect.TypeOf(int8(1))}, false),
			reflect.StructOf([]reflect.StructField{
				{Name: "A", Type: elem},
				{Name: "B", Type: reflect.ArrayOf(2, elem), Tag: `json:"b,omitempty" other:"\\"`},
			}),
			reflect.StructOf([]reflect.StructField{
				{Name: "LongNameOfAField0123456789012345678901234567890123456789012345678901234567890123456789", Type: elem},
				{Name: "X", Type: elem, Tag: `long:"0123456789012345678901234567890123456789012345678901234567890123456789"`},
				{Name: "Stringer", Type: reflect.TypeOf((*stringer)(nil)).Elem()},
			}),
		}
		show(made...)
		for _, t := range made {
			show(reflect.ChanOf(reflect.BothDir, t), reflect.PtrTo(t), reflect.ArrayOf(2, reflect.SliceOf(t)))
		}
	}
}
