package job_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/stream"
)

func TestGate(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var none *job.Gate
	var gate job.Gate
	for _, g := range []*job.Gate{none, &gate} {
		if err := g.Wait(ctx); err != nil {
			t.Errorf("waiting at an open gate: %v", err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		var gate job.Gate
		var through atomic.Int64
		pass := func() {
			if err := gate.Wait(context.Background()); err == nil {
				through.Add(1)
			}
		}
		gate.Shut()
		gate.Shut() // once more changes nothing
		for range 3 {
			go pass()
		}
		synctest.Wait()
		if n := through.Load(); n != 0 {
			t.Errorf("%d passed a gate that was shut", n)
		}
		gate.Open()
		synctest.Wait()
		if n := through.Load(); n != 3 {
			t.Errorf("%d of 3 passed when the gate was opened", n)
		}
	})
	gate.Shut()
	cancel()
	if err := gate.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("at a shut gate, with a context that has ended: %v", err)
	}
}

// endless tells, for as long as its context lives, that a sample is coded, and counts that.
type endless struct {
	stream.SegmentCoder
	coded atomic.Int64
}

func (e *endless) Encode(ctx context.Context, _ [][]int32, _ int, progress func(int)) ([]byte, error) {
	for ctx.Err() == nil {
		progress(1)
		e.coded.Add(1)
	}
	return nil, ctx.Err()
}

// TestJobsStandStillAtTheGate shuts the gate while every worker is in the middle of a segment. Nothing is held up but the
// work: events can be sent, and the end of the context ends the job.
func TestJobsStandStillAtTheGate(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"1.wav", "2.wav", "3.wav", "4.wav"} {
		writeFile(t, filepath.Join(dir, "Album", name), jobtest.WAV(8000, 16, 1, 1000, 1))
	}
	synctest.Test(t, func(t *testing.T) {
		coder := &endless{SegmentCoder: jobtest.NewCoder(model)}
		e := engine()
		e.Codec.Coder, e.Gate = coder, &job.Gate{}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := e.Compress(ctx, job.CompressOptions{Paths: []string{filepath.Join(dir, "Album")}, Archive: filepath.Join(dir, "out.trilobyte")})
			ended <- err
		}()
		for range 2 {
			for before := coder.coded.Load(); coder.coded.Load() == before; {
			}
			e.Gate.Shut()
			synctest.Wait() // until all wait
			before := coder.coded.Load()
			synctest.Wait()
			if after := coder.coded.Load(); after != before {
				t.Errorf("%d samples were coded behind a gate that is shut", after-before)
			}
			e.Gate.Open()
		}
		e.Gate.Shut()
		synctest.Wait()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled while it stood still: %v", err)
		}
	})
}
