// Package merchant plays the shop at the other end: a callback address that is down for a while and
// then gone for good, as after a move to another payment provider.
package merchant

import (
	"net"
	"net/http"
	"time"
)

// Serve listens on a free port of the loopback interface and returns the callback address. It
// answers 503 until `goneAfter` has passed, and 410 from then on.
func Serve(goneAfter time.Duration) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	gone := time.Now().Add(goneAfter)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if time.Now().Before(gone) {
			w.WriteHeader(http.StatusServiceUnavailable)
		} else {
			w.WriteHeader(http.StatusGone)
		}
	})
	go http.Serve(listener, handler)
	return "http://" + listener.Addr().String() + "/callbacks", nil
}
