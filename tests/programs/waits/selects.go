package main

func selectScenes() {
	a, b := make(chan int), make(chan *item)
	c, d, e := make(chan string, 1), make(chan bool), make(chan []byte)
	c <- "full"
	var none chan int
	var noneToo chan *item

	start(func() {
		note("select of 2 receives", "select", from(a), from(b))
		select {
		case <-a:
		case <-b:
		}
	})
	start(func() {
		note("select of receive and send", "select", from(b), to(c))
		select {
		case <-b:
		case c <- "more":
		}
	})
	start(func() {
		note("select of 2 sends", "select", to(c), to(d))
		select {
		case c <- "more":
		case d <- true:
		}
	})
	start(func() {
		note("select of 3", "select", from(a), to(d), from(e))
		select {
		case <-a:
		case d <- true:
		case <-e:
		}
	})
	start(func() {
		note("select of 4", "select", to(c), to(d), from(b), from(e))
		select {
		case c <- "more":
		case d <- true:
		case <-b:
		case <-e:
		}
	})
	start(func() {
		note("select of 5", "select", from(a), from(b), to(c), to(d), from(e))
		select {
		case <-a:
		case <-b:
		case c <- "more":
		case d <- false:
		case got := <-e:
			_ = got
		}
	})
	start(func() {
		note("select with nil cases", "select", from(a), to(c))
		select {
		case <-none:
		case <-a:
		case noneToo <- nil:
		case c <- "more":
		}
	})
	start(func() {
		note("select with one living case", "select", from(e))
		select {
		case <-none:
		case <-e:
		}
	})
	// One case compiles to a plain receive.
	start(func() {
		note("select of one case", "chan_receive", from(e))
		select {
		case <-e:
		}
	})
	sameChannelTwice()
	start(func() {
		note("select, all nil", "select")
		select {
		case <-none:
		case noneToo <- nil:
		}
	})
	start(func() {
		note("select without cases", "select_no_cases")
		select {}
	})
}

func sameChannelTwice() {
	twice, other := make(chan int), make(chan int)
	start(func() {
		note("select, same channel twice", "select", from(twice), from(twice))
		select {
		case <-twice:
		case x := <-twice:
			_ = x
		}
	})
	// Both ends of one channel in one select: it cannot meet itself.
	start(func() {
		note("select, both ends", "select", from(other), to(other))
		select {
		case <-other:
		case other <- 1:
		}
	})
	many := make([]chan int, 20)
	var waits []*wait
	for i := range many {
		many[i] = make(chan int)
		waits = append(waits, from(many[i]))
	}
	start(func() {
		note("select of 20", "select", waits...)
		select {
		case <-many[0]:
		case <-many[1]:
		case <-many[2]:
		case <-many[3]:
		case <-many[4]:
		case <-many[5]:
		case <-many[6]:
		case <-many[7]:
		case <-many[8]:
		case <-many[9]:
		case <-many[10]:
		case <-many[11]:
		case <-many[12]:
		case <-many[13]:
		case <-many[14]:
		case <-many[15]:
		case <-many[16]:
		case <-many[17]:
		case <-many[18]:
		case <-many[19]:
		}
	})
}
