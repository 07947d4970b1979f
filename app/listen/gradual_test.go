package listen_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/listen"
	"trilobyte/codec/stream"
)

// halted plays a recording of two segments, of each of which only the first second is
// decoded before the coder goes on. The first one ends with something wrong, if it is to.
func halted(t *testing.T, wrong bool) (track *listen.Track, goOn chan struct{}, want func(frame int) float64) {
	t.Helper()
	dir := t.TempDir()
	wav := jobtest.WAV(rate, 16, 1, 270_000, 1)
	if err := os.WriteFile(filepath.Join(dir, "a.wav"), wav, 0o666); err != nil {
		t.Fatal(err)
	}
	goOn = make(chan struct{})
	codec := jobtest.Codec("listen")
	codec.Coder = &jobtest.Halting{Coder: jobtest.NewCoder("listen"), Frames: rate, GoOn: goOn, Spoil: func(samples [][]int32) {
		if wrong {
			samples[0][len(samples[0])-1] ^= 1
		}
		wrong = false
	}}
	path := filepath.Join(dir, "a.trilobyte")
	engine := job.Engine{Codec: codec}
	if _, err := engine.Compress(context.Background(), job.CompressOptions{
		Paths: []string{filepath.Join(dir, "a.wav")}, Archive: path,
	}); err != nil {
		t.Fatal(err)
	}
	track, err := listen.Open(codec, path, "a.wav")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { track.Close() })
	return track, goOn, func(frame int) float64 { return float64(int16(binary.LittleEndian.Uint16(wav[44+2*frame:]))) / 32768 }
}

// TestASegmentIsHeardWhileItIsDecoded hears what there is, and waits for the rest.
func TestASegmentIsHeardWhileItIsDecoded(t *testing.T) {
	track, goOn, want := halted(t, false)
	const factor = listen.SampleRate / rate
	ready(t, track)
	got := hear(t, track, listen.SampleRate*3/2)
	if track.Position() < 990*time.Millisecond || track.Position() > time.Second {
		t.Fatalf("of a second that is decoded, %v are heard", track.Position())
	}
	for i := range (rate - 8) * factor {
		if i%factor == 0 && math.Abs(got[i]-want(i/factor)) > 1e-4 {
			t.Fatalf("frame %d is %v, want %v", i, got[i], want(i/factor))
		}
	}
	for i, v := range got[rate*factor:] {
		if v != 0 {
			t.Fatalf("what is not decoded, frame %d, is %v", rate*factor+i, v)
		}
	}
	if p := track.Peaks(); p[0] < 0 || p[29] < 0 || p[len(p)/2] >= 0 {
		t.Errorf("the peaks are %v, %v and, where nothing is decoded, %v", p[0], p[29], p[len(p)/2])
	}
	if part, err := track.Ready(); part < 0.5 || part == 1 || err != nil {
		t.Errorf("%v of what is to go on is ready, error %v", part, err)
	}
	track.Seek(time.Second / 4) // is there
	if first := hear(t, track, 1)[0]; math.Abs(first-want(rate/4)) > 1e-4 {
		t.Errorf("after a jump back there is %v, want %v", first, want(rate/4))
	}
	track.Seek(2 * time.Second)
	close(goOn)
	ready(t, track)
	if first := hear(t, track, 1)[0]; math.Abs(first-want(2*rate)) > 1e-4 {
		t.Errorf("later there is %v, want %v", first, want(2*rate))
	}
}

// TestDamageThatIsHeard plays a segment that is not what it should be until that is
// known. The others play on.
func TestDamageThatIsHeard(t *testing.T) {
	track, goOn, want := halted(t, true)
	ready(t, track)
	hear(t, track, 100)
	close(goOn)
	var err error
	for deadline := time.Now().Add(2 * time.Minute); err == nil && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		_, err = track.Ready()
	}
	var damage *stream.DamageError
	if !errors.As(err, &damage) || !strings.Contains(err.Error(), "the audio from 0:00:00.000 to ") {
		t.Fatalf("error %v", err)
	}
	if n, err := track.Read(make([]byte, 80)); n != 0 || !errors.As(err, &damage) {
		t.Errorf("%d bytes are heard of it, error %v", n, err)
	}
	if p := track.Peaks(); p[0] >= 0 {
		t.Errorf("the picture of what is damaged has a peak of %v", p[0])
	}
	track.Seek(30 * time.Second)
	ready(t, track)
	if first := hear(t, track, 1)[0]; math.Abs(first-want(30*rate)) > 1e-4 {
		t.Errorf("behind the damage there is %v, want %v", first, want(30*rate))
	}
}
