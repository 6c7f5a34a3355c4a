package main

type (
	inner struct {
		a, b int
		text string
	}
	outer struct {
		first  inner
		second [2]inner
		third  any
	}
	deep struct {
		l1 struct {
			l2 struct {
				l3 struct {
					l4 struct{ l5 struct{ l6 struct{ x int } } }
				}
			}
		}
	}
)

//go:noinline
func words(c chan int, a int8, b uint16, d int32, e uint64, f bool) {
	note("argument words", "chan_receive", from(c))
	<-c
}

//go:noinline
func many(c chan int, a, b, d, e, f, g, h, i, j, k, l, m int) {
	note("many arguments", "chan_receive", from(c))
	<-c
}

//go:noinline
func structs(c chan int, o outer, i inner) {
	note("struct arguments", "chan_receive", from(c))
	<-c
}

//go:noinline
func nested(c chan int, d deep, empty struct{}, none [0]int) {
	note("deeply nested arguments", "chan_receive", from(c))
	<-c
}

//go:noinline
func floats(x float64, c chan int, y float32, z complex128) {
	note("floating arguments", "chan_receive", from(c))
	<-c
}

//go:noinline
func variadic(c chan int, names ...string) (int, error) {
	note("variadic", "chan_receive", from(c))
	<-c
	return len(names), nil
}

//go:noinline
func unused(_ int, c chan int, _ string, s []int, e error) {
	note("unused arguments", "chan_receive", from(c))
	<-c
}

//go:noinline
func wide(a [3]int, c chan int, b [1]*item, big [40]int) {
	note("array arguments", "chan_receive", from(c))
	<-c
}

// A value that lives on after the call shows without a question mark.
//
//go:noinline
func livesOn(p *item, n int, c chan int) string {
	note("argument lives on", "chan_receive", from(c))
	n += <-c
	if n > 3 {
		return p.name
	}
	return p.next.name
}

//go:noinline
func (o outer) method(c chan int) {
	note("big receiver", "chan_receive", from(c))
	<-c
}

//go:noinline
func (o *outer) pointerMethod(c chan int, f func(int) int) int {
	note("pointer receiver", "chan_receive", from(c))
	return f(<-c)
}

func argumentScenes() {
	c := make(chan int)
	i := inner{a: 1, b: -2, text: "three"}
	o := outer{first: i, second: [2]inner{i, i}, third: c}
	expect(11)
	go words(c, -1, 65535, -70000, 1<<63, true)
	go many(c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	go structs(c, o, i)
	go nested(c, deep{}, struct{}{}, [0]int{})
	go floats(1.5, c, 2.5, 3i)
	go variadic(c, "a", "b")
	go unused(1, c, "x", []int{1, 2}, nil)
	go wide([3]int{1, 2, 3}, c, [1]*item{nil}, [40]int{})
	go livesOn(&item{}, 2, c)
	go o.method(c)
	go o.pointerMethod(c, func(x int) int { return x + i.a })
}
