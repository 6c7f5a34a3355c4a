// Payments is an example to look into with chanspect: a service that settles payments and tells the
// merchants. One merchant is gone, the retry queue's consumer gives up on it, and from then on every
// callback leaves a goroutine behind, blocked in retry.(*Queue).Push.
//
//	payments             the service: goroutines grow until -goroutines
//	payments -nth 10     the textbook scene instead: 10 channels, all but one forgotten unclosed
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime"
	"time"

	"example.test/payments/merchant"
	"example.test/payments/nth"
	"example.test/payments/retry"
	"example.test/payments/worker"
)

func main() {
	channels := flag.Int("nth", 0, "make this many `channels`, forget all but one unclosed, and wait")
	rate := flag.Int("rate", 200, "payments per `second`")
	most := flag.Int("goroutines", 100000, "stop taking payments at this many goroutines")
	goneAfter := flag.Duration("gone-after", time.Second, "the merchant is down, and after this time gone")
	flag.Parse()
	log.SetFlags(log.Ltime)
	log.SetPrefix("payments: ")

	fmt.Printf("payments: pid %d\n", os.Getpid())
	if *channels > 0 {
		scene := nth.Make(*channels)
		scene.Print(os.Stdout)
		for {
			time.Sleep(time.Minute)
			runtime.KeepAlive(scene)
		}
	}
	if err := serve(*rate, *most, *goneAfter); err != nil {
		log.Fatal(err)
	}
}

// serve takes payments until there are too many goroutines, and then idles as a hung service does.
func serve(rate, most int, goneAfter time.Duration) error {
	address, err := merchant.Serve(goneAfter)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 5 * time.Second}
	queue := retry.NewQueue(client, 10*time.Millisecond)
	queue.Start()
	pool := worker.NewPool(8, client, queue)
	go reportGoroutines()

	// Payments come in small bursts.
	const pause = 20 * time.Millisecond
	const perSecond = int(time.Second / pause)
	for order := 1; ; time.Sleep(pause) {
		for i := 0; i*perSecond < rate && runtime.NumGoroutine() < most; i++ {
			pool.Settle(worker.Payment{
				OrderID:     fmt.Sprintf("order-%06d", order),
				Cents:       100 + order%900,
				CallbackURL: address,
			})
			order++
		}
	}
}

func reportGoroutines() {
	for {
		time.Sleep(2 * time.Second)
		log.Printf("%d goroutines", runtime.NumGoroutine())
	}
}
