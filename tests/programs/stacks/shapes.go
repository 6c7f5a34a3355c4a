package main

// Arguments of every shape that the traceback prints in its own way.

type small struct {
	a int8
	b int16
	c int32
}
type big struct {
	name  string
	items []int
	inner struct {
		x, y float64
		z    struct{ deep, deeper int }
	}
	c chan int
}
type empty struct{}
type array [3]int
type wide [100]int
type nested struct {
	a struct {
		b struct {
			c struct {
				d struct {
					e struct{ f int }
				}
			}
		}
	}
}

func startShapes() {
	n := 5
	go ints(1, -2, 3, 4, 5)
	go floats(1.5, 2.5, 3)
	go words("hello", []int{1, 2, 3}, map[string]int{})
	go faces(n, error(nil), &n)
	go structs(small{1, 2, 3}, big{name: "n"}, empty{})
	go arrays(array{1, 2, 3}, [1]int{4}, [0]int{})
	go wideArray(wide{7})
	go deep(nested{})
	go lots(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	go clobbered(1, "two", 3)
	go results(4)
	go variadic(1, 2, 3)
	go complexes(complex(1, 2), true, 'x')
	go (&big{name: "method"}).method(6)
	go small{1, 2, 3}.value(9)
	go uses(func(int) int { return 1 }, never)
	start(func() { afterUse(41, 42, 43) })
}

//go:noinline
func ints(a int8, b int16, c int32, d uint64, e uintptr) { <-never }

//go:noinline
func floats(a float64, b float32, c int) { <-never }

//go:noinline
func words(s string, l []int, m map[string]int) { <-never }

//go:noinline
func faces(a interface{}, e error, p *int) { <-never }

//go:noinline
func structs(s small, b big, e empty) { <-never }

//go:noinline
func arrays(a array, b [1]int, c [0]int) { <-never }

//go:noinline
func wideArray(w wide) { <-never }

//go:noinline
func deep(n nested) { <-never }

//go:noinline
func lots(a, b, c, d, e, f, g, h, i, j, k, l int) { <-never }

//go:noinline
func clobbered(a int, s string, b int) {
	for i := 0; i < 3; i++ {
		a, b = b, a+i
		s += "x"
	}
	println2(a, s, b)
	<-never
}

//go:noinline
func println2(a int, s string, b int) {}

//go:noinline
func results(n int) (string, error) { <-never; return "", nil }

//go:noinline
func variadic(a int, rest ...int) { <-never }

//go:noinline
func complexes(c complex128, b bool, r rune) { <-never }

//go:noinline
func (b *big) method(n int) { <-b.c }

//go:noinline
func (s small) value(n int) { <-never }

//go:noinline
func uses(f func(int) int, c chan int) { <-c }

//go:noinline
func afterUse(a, b, c int) {
	println2(a, "", b)
	<-never
	println2(c, "", c)
}
