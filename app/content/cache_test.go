package content

import (
	"context"
	"runtime"
	"slices"
	"testing"
)

// TestWhatIsWaitedForComesFirst has one core decode what somebody waits for before what
// was claimed earlier, but only ahead.
func TestWhatIsWaitedForComesFirst(t *testing.T) {
	c := NewCache(1 << 20)
	c.free = 1
	goOn := make(chan struct{})
	var order []int // written by one core
	claim := func(part int) *segment {
		return c.claim(place{nil, part}, func(context.Context, func([]byte)) ([]byte, error) {
			if part == 0 {
				<-goOn
			}
			order = append(order, part)
			return []byte{byte(part)}, nil
		})
	}
	var all []*segment
	for part := range 4 {
		all = append(all, claim(part))
	}
	got := make(chan []byte)
	go func() {
		b, _ := c.get(context.Background(), all[3], false, 0)
		got <- b
	}()
	for waits := 0; waits == 0; runtime.Gosched() {
		c.mu.Lock()
		waits = all[3].wanted
		c.mu.Unlock()
	}
	close(goOn)
	if b := <-got; !slices.Equal(b, []byte{3}) {
		t.Errorf("%v is read", b)
	}
	for _, s := range all {
		c.release(s)
	}
	c.wait()
	if order[0] != 0 || order[1] != 3 {
		t.Errorf("they are decoded in the order %v", order)
	}
	if c.free != 1 || len(c.waiting) > 0 {
		t.Errorf("%d cores are free, %d segments wait", c.free, len(c.waiting))
	}
}
