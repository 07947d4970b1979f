package listen_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/listen"
	"trilobyte/app/preset"
	"trilobyte/codec/backend"
)

// minutes is how long the recording is. Half an hour takes as long to be heard, but for reading where its segments lie.
const minutes = 1

// BenchmarkFirstSound reports how long after a click a recording of CD audio begins to sound, and after a jump into its middle, with
// each preset.
func BenchmarkFirstSound(b *testing.B) {
	wav := jobtest.WAV(44100, 16, 2, 44100*60*minutes, 1)
	for _, name := range []string{"fast", "default", "max"} {
		b.Run(name, func(b *testing.B) {
			codec, done, err := preset.Codecs{}.Codec(preset.Choice{Preset: name}, backend.Encoding, func(err error) { b.Log(err) })
			if err != nil {
				b.Fatal(err)
			}
			defer done()
			dir := b.TempDir()
			path := filepath.Join(dir, "a.trilobyte")
			if err := os.WriteFile(filepath.Join(dir, "a.wav"), wav, 0o666); err != nil {
				b.Fatal(err)
			}
			engine := job.Engine{Codec: codec}
			if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{filepath.Join(dir, "a.wav")}, Archive: path}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				begun := time.Now()
				track, err := listen.Open(codec, path, "a.wav")
				if err != nil {
					b.Fatal(err)
				}
				heard(b, track)
				b.ReportMetric(time.Since(begun).Seconds(), "s/click")
				begun = time.Now()
				track.Seek(track.Duration() * 5 / 8)
				heard(b, track)
				b.ReportMetric(time.Since(begun).Seconds(), "s/jump")
				track.Close()
			}
		})
	}
}

// heard reads until there is sound.
func heard(b *testing.B, track *listen.Track) {
	b.Helper()
	buffer, silence := make([]byte, 480*listen.FrameBytes), make([]byte, 480*listen.FrameBytes)
	for {
		n, err := track.Read(buffer)
		if err != nil {
			b.Fatal(err)
		}
		if !bytes.Equal(buffer[:n], silence[:n]) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
