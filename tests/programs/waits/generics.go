package main

type queue[T any] struct {
	values chan T
	name   string
}

//go:noinline
func (q *queue[T]) push(value T) {
	note("generic method", "chan_send", to(q.values))
	q.values <- value
}

//go:noinline
func apply[A, B any](c chan A, f func(A) B) B {
	note("generic function", "chan_receive", from(c))
	return f(<-c)
}

type pusher[T any] interface{ push(T) }

//go:noinline
func pushAny[T any](p pusher[T], value T) { p.push(value) }

type embedding[T any] struct{ *queue[T] }

func genericScenes() {
	numbers := &queue[int]{values: make(chan int)}
	items := &queue[*item]{values: make(chan *item)}
	pairs := &queue[pair[string, int]]{values: make(chan pair[string, int])}
	expect(8)
	go numbers.push(1)
	go items.push(nil)
	go pairs.push(pair[string, int]{"a", 1})
	go pushAny[int](numbers, 2)
	go pushAny[*item](embedding[*item]{items}, nil)
	go apply(make(chan int), func(int) string { return "" })
	go apply(make(chan *item), func(i *item) *item { return i.next })
	push := numbers.push
	go push(3)
	start(func() {
		func(c chan box[string]) {
			note("closure of a generic", "chan_receive", from(c))
			<-c
		}(make(chan box[string]))
	})
}
