// Package callback tells merchants that a payment was settled, by a POST to an address of theirs.
package callback

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Callback is one message to a merchant, with all that a later try needs.
type Callback struct {
	OrderID  string
	URL      string
	Body     []byte
	Attempts int
	Settled  time.Time
}

// ErrGone means that the merchant's address answered 410: it will never take a callback again.
var ErrGone = errors.New("the merchant's address is gone")

// New writes the message about an order that was settled just now.
func New(orderID, url string, cents int) *Callback {
	now := time.Now()
	body, err := json.Marshal(map[string]any{
		"order":   orderID,
		"cents":   cents,
		"settled": now,
		"receipt": strings.Repeat("#", 1024),
	})
	if err != nil {
		panic(err) // a map of plain values always marshals
	}
	return &Callback{OrderID: orderID, URL: url, Body: body, Settled: now}
}

// Deliver tries once.
func (c *Callback) Deliver(client *http.Client) error {
	c.Attempts++
	answer, err := client.Post(c.URL, "application/json", bytes.NewReader(c.Body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusGone:
		return ErrGone
	default:
		return fmt.Errorf("merchant answered %s", answer.Status)
	}
}
