package job_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

func TestCancelLeavesNothingBehind(t *testing.T) {
	source := filepath.Join(t.TempDir(), "Album")
	frames := takeFrames
	if testing.Short() {
		frames = 5000
	}
	writeFile(t, filepath.Join(source, "1.wav"), jobtest.WAV(8000, 16, 1, frames, 1))
	writeFile(t, filepath.Join(source, "2", "text.txt"), []byte("text"))
	sound := compress(t, engine(), source)
	// The context is cancelled at the nth event, for all n, or every few of them.
	step := 1
	if testing.Short() {
		step = 4
	}
	cancelAt := func(n int, run func(context.Context, *job.Engine) error) (events int, err error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		e := engine()
		e.Events = func(job.Event) {
			if events++; events == n {
				cancel()
			}
		}
		err = run(ctx, e)
		return events, err
	}
	t.Run("compress", func(t *testing.T) {
		for n := 1; ; n += step {
			dir := t.TempDir()
			out := filepath.Join(dir, "out.trilobyte")
			events, err := cancelAt(n, func(ctx context.Context, e *job.Engine) error {
				_, err := e.Compress(ctx, job.CompressOptions{Paths: []string{source}, Archive: out, Verify: true})
				return err
			})
			if err == nil {
				if events > n {
					t.Errorf("cancelled at event %d of %d, it went on", n, events)
				}
				return
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("cancelled at event %d: error %v", n, err)
			}
			if left := contents(t, dir); len(left) != 1 {
				t.Fatalf("cancelled at event %d, it left %v", n, left)
			}
		}
	})
	t.Run("restore", func(t *testing.T) {
		for n := 1; ; n += step {
			dir := t.TempDir()
			_, err := cancelAt(n, func(ctx context.Context, e *job.Engine) error {
				_, err := e.Restore(ctx, job.RestoreOptions{Archive: sound, Dir: dir})
				return err
			})
			noTemporaries(t, dir)
			if err == nil {
				return
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("cancelled at event %d: error %v", n, err)
			}
		}
	})
}
