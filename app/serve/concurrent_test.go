package serve_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"trilobyte/app/job/jobtest"
	"trilobyte/codec/stream"
)

// TestManyReadAtTheSameTime has 8 clients read random ranges of recordings: in the
// long form of ten, for a minute. Some give up on the way.
func TestManyReadAtTheSameTime(t *testing.T) {
	recordings, lasting := 3, time.Second
	if os.Getenv("TRILOBYTE_SOAK") != "" {
		recordings, lasting = 10, time.Minute
	}
	archive, originals := album(t, recordings)
	base, log := start(t, jobtest.Codec(model), archive)
	end := time.Now().Add(lasting)
	var clients sync.WaitGroup
	var right atomic.Int64
	for n := range 8 {
		clients.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(n)))
			for time.Now().Before(end) {
				name := fmt.Sprintf("Album/Discs/%02d.wav", random.IntN(recordings))
				want := originals[name]
				first := random.IntN(len(want))
				last := min(first+random.IntN(len(want)), len(want)-1)
				ctx, cancel := context.WithCancel(context.Background())
				r, _ := http.NewRequestWithContext(ctx, "GET", addressOf(base, "My Album", name), nil)
				r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, last))
				answer, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					t.Error(err)
					cancel()
					return
				}
				limit := int64(len(want))
				if random.IntN(4) == 0 {
					limit = random.Int64N(100_000) // and goes away
				}
				got, err := io.ReadAll(io.LimitReader(answer.Body, limit))
				answer.Body.Close()
				cancel()
				if whole := want[first : last+1]; err != nil || !bytes.Equal(got, whole[:min(int64(len(whole)), limit)]) {
					t.Errorf("%s from %d: %d bytes, error %v", name, first, len(got), err)
				}
				right.Add(int64(len(got)))
			}
		})
	}
	clients.Wait()
	if log.String() != "" {
		t.Errorf("it was logged: %s", log)
	}
	t.Logf("%d bytes were right", right.Load())
}

// slow is a coder that decodes for ever, and counts what is in work.
type slow struct {
	jobtest.Coder
	working *atomic.Int32
}

func (s slow) Decode(ctx context.Context, _ []byte, _, _, _ int, _ func(int)) ([][]int32, error) {
	s.working.Add(1)
	defer s.working.Add(-1)
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestClientsThatGoAwayLeaveNoWork reads what takes for ever, and gives up.
func TestClientsThatGoAwayLeaveNoWork(t *testing.T) {
	archive, _ := album(t, 1)
	working := &atomic.Int32{}
	codec := jobtest.Codec(model)
	codec.Coder = slow{jobtest.NewCoder(model), working}
	base, log := start(t, codec, archive)
	var clients sync.WaitGroup
	for range 6 {
		clients.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			r, _ := http.NewRequestWithContext(ctx, "GET", addressOf(base, "My Album", "Album/float.wav"), nil)
			r.Header.Set("Range", "bytes=100000-")
			if answer, err := http.DefaultTransport.RoundTrip(r); err == nil {
				answer.Body.Close()
				t.Errorf("status %d", answer.StatusCode)
			}
		})
	}
	clients.Wait()
	for deadline := time.Now().Add(time.Minute); working.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d segments are still being decoded", working.Load())
		}
	}
	if log.String() != "" {
		t.Errorf("it was logged: %s", log)
	}
}

var _ stream.SegmentCoder = slow{}
