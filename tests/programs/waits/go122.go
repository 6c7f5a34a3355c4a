//go:build go1.22

package main

func init() { scenes = append(scenes, rangeOverIntScenes) }

func rangeOverIntScenes() {
	c := make(chan int)
	for i := range 3 {
		start(func() {
			note("loop variable", "chan_send", to(c))
			c <- i
		})
	}
}
