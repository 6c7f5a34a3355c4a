package main

import (
	"bytes"
	"context"
	"io"
	"time"
	"unsafe"
)

type (
	number                    int
	callback                  func(int, ...string) (io.Reader, error)
	box[T any]                struct{ value T }
	pair[K comparable, V any] struct {
		key   K
		value V
	}
	big struct {
		words [100]uint64
		names map[string][]byte
	}
	namer interface{ name() string }
)

// receiveElement is the same code for every element type, once for each shape.
func receiveElement[T any](name string, c chan T) {
	start(func() {
		note("element "+name, "chan_receive", from(c))
		<-c
	})
}

func elementScenes() {
	receiveElement("empty struct", make(chan struct{}))
	receiveElement("pointer", make(chan *item))
	receiveElement("pointer to pointer", make(chan **item))
	receiveElement("map", make(chan map[string]int))
	receiveElement("map of struct", make(chan map[item]*big))
	receiveElement("func", make(chan func(int) error))
	receiveElement("named func", make(chan callback))
	receiveElement("generic", make(chan box[int]))
	receiveElement("generic pointer", make(chan *box[string]))
	receiveElement("generic of local", make(chan pair[number, *item]))
	receiveElement("generic nested", make(chan box[pair[string, box[[]byte]]]))
	receiveElement("generic of foreign", make(chan box[*bytes.Buffer]))
	receiveElement("channel", make(chan chan int))
	receiveElement("receive-only channel", make(chan (<-chan int)))
	receiveElement("send-only channel", make(chan chan<- *item))
	receiveElement("channel of channel", make(chan chan chan string))
	receiveElement("array", make(chan [4]byte))
	receiveElement("array of array", make(chan [3][2]*item))
	receiveElement("slice", make(chan []byte))
	receiveElement("big struct", make(chan big))
	receiveElement("big array", make(chan [8000]int))
	receiveElement("any", make(chan any))
	receiveElement("error", make(chan error))
	receiveElement("named interface", make(chan namer))
	receiveElement("foreign interface", make(chan context.Context))
	receiveElement("unnamed interface", make(chan interface{ Close() error }))
	receiveElement("unnamed struct", make(chan struct {
		A int `json:"a"`
		b *item
	}))
	receiveElement("named number", make(chan number))
	receiveElement("duration", make(chan time.Duration))
	receiveElement("bool", make(chan bool))
	receiveElement("rune", make(chan rune))
	receiveElement("float64", make(chan float64))
	receiveElement("complex128", make(chan complex128))
	receiveElement("uintptr", make(chan uintptr))
	receiveElement("unsafe pointer", make(chan unsafe.Pointer))
	receiveElement("string, buffered", make(chan string, 1<<16))
}
