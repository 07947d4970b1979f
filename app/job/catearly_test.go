package job_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/stream"
)

// TestCatWritesWhileItDecodes reads what is written of the first segment before it is
// decoded.
func TestCatWritesWhileItDecodes(t *testing.T) {
	const head, rate, frames, early = 44, 8000, 270_000, 20_000 // two segments
	path := filepath.Join(t.TempDir(), "a.wav")
	original := jobtest.WAV(rate, 16, 1, frames, 1)
	writeFile(t, path, original)
	coder := &jobtest.Halting{Coder: jobtest.NewCoder(model), Frames: early}
	e := engine()
	e.Codec.Coder = coder
	archive := compress(t, e, path)
	for name, c := range map[string]struct {
		o     job.CatOptions
		early int // bytes that come before the decoder goes on
		want  []byte
		wrong bool // segments end with something wrong
	}{
		"original":     {job.CatOptions{}, head + 2*early, original, false},
		"stretch":      {job.CatOptions{From: time.Second}, head + 2*(early-rate), original[head+2*rate:], false},
		"short":        {job.CatOptions{From: time.Second, To: 2 * time.Second}, head + 2*(rate-1), original[head+2*rate : head+4*rate], false},
		"wrong":        {job.CatOptions{}, head + 2*early, original, true},
		"wrong, short": {job.CatOptions{To: time.Second}, head + 2*(rate-1), original[head : head+2*rate], true},
	} {
		t.Run(name, func(t *testing.T) {
			coder.GoOn = make(chan struct{})
			coder.Spoil = func(samples [][]int32) {
				if c.wrong {
					samples[0][len(samples[0])-1] ^= 1
				}
			}
			c.o.Archive, c.o.Name, c.o.Early = archive, "a.wav", true
			r, w := io.Pipe()
			done := make(chan error, 1)
			go func() {
				err := e.Cat(context.Background(), w, c.o)
				done <- err
				w.CloseWithError(err)
			}()
			got := make([]byte, c.early)
			if _, err := io.ReadFull(r, got); err != nil {
				t.Fatal(err)
			}
			close(coder.GoOn)
			rest, _ := io.ReadAll(r)
			err := <-done
			pcm := append(got, rest...)[head:]
			want := bytes.TrimPrefix(c.want, original[:head])
			if !c.wrong {
				if err != nil || !bytes.Equal(pcm, want) {
					t.Errorf("%d bytes of audio, want %d, error %v", len(pcm), len(want), err)
				}
				return
			}
			var damage *stream.DamageError
			if !errors.As(err, &damage) || !strings.Contains(err.Error(), "what was written of it may be wrong") {
				t.Errorf("error %v", err)
			}
			if len(rest) > 0 || len(pcm) >= len(want) {
				t.Errorf("%d bytes of audio of %d are written of what is wrong", len(pcm), len(want))
			}
		})
	}
}
