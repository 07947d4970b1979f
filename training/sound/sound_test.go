package sound_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/training/sound"
)

// write writes a file called sound.wav and returns its path.
func write(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sound.wav")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadWAV(t *testing.T) {
	const frames = 40001 // more than are read at once, and an odd number
	for _, f := range []recording.Format{
		{Channels: 1, SampleRate: 8000, Width: 1, ValidBits: 8, Unsigned: true},
		{Channels: 2, SampleRate: 44100, Width: 2, ValidBits: 16},
		{Channels: 1, SampleRate: 96000, Width: 3, ValidBits: 24},
		{Channels: 3, SampleRate: 48000, Width: 3, ValidBits: 20},
		{Channels: 2, SampleRate: 48000, Width: 4, ValidBits: 32},
	} {
		samples := recordingtest.Tone(f.Channels, frames, f.ContainerBits())
		path := write(t, recordingtest.WAV(f, samples))
		for _, want := range []int{frames, 100} {
			s, err := sound.Read(path, want*f.Channels)
			if err != nil {
				t.Errorf("%+v: %v", f, err)
				continue
			}
			if s.Bits != f.ContainerBits() || s.Rate != f.SampleRate || len(s.Samples) != f.Channels {
				t.Errorf("%+v: got %d bits, %d Hz, %d channels", f, s.Bits, s.Rate, len(s.Samples))
			}
			for c := range s.Samples {
				if !slices.Equal(s.Samples[c], samples[c][:want]) {
					t.Errorf("%+v: channel %d has other samples (%d of them)", f, c, len(s.Samples[c]))
				}
			}
		}
	}
}

func TestReadOnlyIntegers(t *testing.T) {
	for _, c := range recordingtest.Cases() {
		if strings.HasPrefix(c.Name, "wav-float-") || c.Name == "float-16" || c.Name == "no-bytes" || c.Name == "no-format" || c.Name == "0-channels" {
			if s, err := sound.Read(write(t, c.Bytes), 1<<40); err == nil {
				t.Errorf("%s: got %d samples of %d bits", c.Name, len(s.Samples[0]), s.Bits)
			}
		}
	}
}
