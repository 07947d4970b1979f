package listen_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/listen"
	"trilobyte/codec/stream"
)

// halting hands out the first frames of a segment, and the rest when it may go on. The
// segment that it decodes first comes to an end that is wrong, if it is to.
type halting struct {
	*stuck
	frames int
	goOn   chan struct{}
	wrong  bool
}

func (h *halting) DecodeGradually(
	ctx context.Context, data []byte, channels, frames, bits int, progress func(int), ready func([][]int32),
) ([][]int32, error) {
	samples, err := h.Decode(ctx, data, channels, frames, bits, progress)
	if err != nil {
		return nil, err
	}
	ready([][]int32{samples[0][:h.frames], samples[1][:h.frames]})
	select {
	case <-h.goOn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if data[0] == 0 && h.wrong {
		samples = slices.Clone(samples)
		samples[1] = slices.Clone(samples[1])
		samples[1][frames-1] ^= 1
	}
	return samples, nil
}

// halted plays a recording of which only the first second of each segment is decoded
// before the coder goes on.
func halted(t *testing.T) (*listen.Track, *halting, func(frame int) float64) {
	t.Helper()
	dir := t.TempDir()
	wav := jobtest.WAV(rate, 16, 2, frames, 1)
	if err := os.WriteFile(filepath.Join(dir, "a.wav"), wav, 0o666); err != nil {
		t.Fatal(err)
	}
	codec := jobtest.Codec("listen")
	coder := &halting{&stuck{SegmentCoder: codec.Coder, asked: make(chan struct{})}, rate, make(chan struct{}), false}
	close(coder.asked)
	codec.Coder = coder
	path := filepath.Join(dir, "a.trilobyte")
	engine := job.Engine{Codec: codec, Workers: 1} // so that the first segment is the first one coded
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
	return track, coder, func(frame int) float64 { return float64(int16(binary.LittleEndian.Uint16(wav[44+4*frame:]))) / 32768 }
}

// TestASegmentIsHeardWhileItIsDecoded hears what there is, and waits for the rest.
func TestASegmentIsHeardWhileItIsDecoded(t *testing.T) {
	track, coder, want := halted(t)
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
	if p := track.Peaks(); p[0] < 0 || p[12] < 0 || p[len(p)/2] >= 0 {
		t.Errorf("the peaks are %v, %v and, where nothing is decoded, %v", p[0], p[12], p[len(p)/2])
	}
	if part, err := track.Ready(); part < 0.5 || part == 1 || err != nil {
		t.Errorf("%v of what is to go on is ready, error %v", part, err)
	}
	track.Seek(time.Second / 4) // is there
	if first := hear(t, track, 1)[0]; math.Abs(first-want(rate/4)) > 1e-4 {
		t.Errorf("after a jump back there is %v, want %v", first, want(rate/4))
	}
	track.Seek(2 * time.Second)
	close(coder.goOn)
	ready(t, track)
	if first := hear(t, track, 1)[0]; math.Abs(first-want(2*rate)) > 1e-4 {
		t.Errorf("later there is %v, want %v", first, want(2*rate))
	}
}

// TestDamageThatIsHeard plays a segment that is not what it should be until that is
// known. The others play on.
func TestDamageThatIsHeard(t *testing.T) {
	track, coder, want := halted(t)
	coder.wrong = true
	ready(t, track)
	hear(t, track, 100)
	close(coder.goOn)
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
	track.Seek(50 * time.Second)
	ready(t, track)
	if first := hear(t, track, 1)[0]; math.Abs(first-want(50*rate)) > 1e-4 {
		t.Errorf("behind the damage there is %v, want %v", first, want(50*rate))
	}
}
