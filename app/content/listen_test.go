package content_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"trilobyte/app/content"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/stream"
)

// TestListening reads what there is of a segment before it is decoded. Where it turns
// out to be wrong, there is an error before its end.
func TestListening(t *testing.T) {
	const early = 20_000 // frames
	for name, wrong := range map[string]bool{"right": false, "wrong": true} {
		t.Run(name, func(t *testing.T) {
			codec, archive, file, goOn := jobtest.HaltingArchive(t, model, early, wrong)
			a, err := content.Open(codec, archive, content.NewCache(1<<20))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { a.Close() })
			f, err := a.File(context.Background(), "a.wav")
			if err != nil {
				t.Fatal(err)
			}
			r := f.Listen(context.Background())
			defer r.Close()
			got := make([]byte, 44+2*early)
			if _, err := io.ReadFull(r, got); err != nil {
				t.Fatal(err)
			}
			close(goOn)
			rest, err := io.ReadAll(r)
			got = append(got, rest...)
			var damage *stream.DamageError
			if !wrong && (err != nil || !bytes.Equal(got, file)) || wrong && (!errors.As(err, &damage) || len(rest) > 0) {
				t.Errorf("%d bytes of %d are read, error %v", len(got), len(file), err)
			}
			if n, err := f.ReadAt(context.Background(), make([]byte, 100), 44); n == 0 != wrong || err == nil == wrong {
				t.Errorf("others read %d bytes, error %v", n, err)
			}
		})
	}
}
