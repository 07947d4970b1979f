package listen_test

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/listen"
	"trilobyte/codec/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const rate, frames = 8000, 600_000 // several segments

// archived makes an archive of one WAV file and a text, and returns the samples of
// its first channel, -1 to 1.
func archived(t *testing.T) (path string, left []float64) {
	t.Helper()
	wav := jobtest.WAV(rate, 16, 2, frames, 1)
	for i := 44; i < len(wav); i += 4 {
		left = append(left, float64(int16(binary.LittleEndian.Uint16(wav[i:])))/32768)
	}
	onlyOnce.Do(func() { onlyOnce.archive = compressed(t, wav) })
	path = filepath.Join(t.TempDir(), "a.trilobyte")
	if err := os.WriteFile(path, onlyOnce.archive, 0o666); err != nil {
		t.Fatal(err)
	}
	return path, left
}

// onlyOnce is the archive that all tests have copies of.
var onlyOnce struct {
	sync.Once
	archive []byte
}

// compressed returns an archive of a WAV file and a text.
func compressed(t *testing.T, wav []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "a.wav"), filepath.Join(dir, "b.txt")}
	for i, content := range [][]byte{wav, []byte("text")} {
		if err := os.WriteFile(paths[i], content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "a.trilobyte")
	engine := job.Engine{Codec: jobtest.Codec("listen")}
	if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: paths, Archive: path}); err != nil {
		t.Fatal(err)
	}
	archive, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func open(t *testing.T, path string) *listen.Track {
	t.Helper()
	track, err := listen.Open(jobtest.Codec("listen"), path, "a.wav")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { track.Close() })
	return track
}

// ready waits until there is sound: on the slowest of machines, with the race detector, some seconds.
func ready(t *testing.T, track *listen.Track) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		part, err := track.Ready()
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%.0f %% ready, error %v", 100*part, err)
		}
		if part == 1 {
			return
		}
	}
}

// hear reads so many frames and returns the left channel.
func hear(t *testing.T, track *listen.Track, frames int) []float64 {
	t.Helper()
	p := make([]byte, frames*listen.FrameBytes)
	n, err := io.ReadFull(track, p)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		t.Fatal(err)
	}
	var left []float64
	for i := 0; i < n; i += listen.FrameBytes {
		left = append(left, float64(math.Float32frombits(binary.LittleEndian.Uint32(p[i:]))))
	}
	return left
}

// TestSoundIsInAnotherFile plays the end of a recording that is in the archive, too.
func TestSoundIsInAnotherFile(t *testing.T) {
	const left = 100_000
	dir := t.TempDir()
	whole := jobtest.WAV(rate, 16, 1, frames, 1)
	part := append(jobtest.WAVHeader(1, rate, 16, 1, 2*left), whole[len(whole)-2*left:]...)
	for name, content := range map[string][]byte{"whole.wav": whole, "z.wav": part} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.trilobyte")
	engine := job.Engine{Codec: jobtest.Codec("listen")}
	if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{dir}, Archive: path}); err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(dir) + "/z.wav"
	entries, _, err := engine.List(path)
	if err != nil || len(entries[2].RefersTo) != 1 || entries[2].Name != name {
		t.Fatalf("%+v, error %v", entries, err)
	}
	track, err := listen.Open(jobtest.Codec("listen"), path, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { track.Close() })
	ready(t, track)
	const factor = listen.SampleRate / rate
	for i, v := range hear(t, track, listen.SampleRate) {
		at := 44 + 2*(i/factor)
		if want := float64(int16(binary.LittleEndian.Uint16(part[at:]))) / 32768; i%factor == 0 && math.Abs(v-want) > 1e-4 {
			t.Fatalf("frame %d is %v, want %v", i, v, want)
		}
	}
}

func TestSoundIsThatOfTheFile(t *testing.T) {
	path, want := archived(t)
	track := open(t, path)
	if d := track.Duration(); d != frames*time.Second/rate {
		t.Errorf("duration %v", d)
	}
	const factor = listen.SampleRate / rate
	for _, at := range []time.Duration{0, 40 * time.Second, 10 * time.Second, track.Duration() - time.Second} {
		track.Seek(at)
		ready(t, track)
		got := hear(t, track, listen.SampleRate/2)
		first := int(at * rate / time.Second)
		for i := 0; i < len(got); i += factor {
			if math.Abs(got[i]-want[first+i/factor]) > 1e-4 {
				t.Fatalf("frame %d after %v is %v, want %v", i, at, got[i], want[first+i/factor])
			}
		}
		if p := track.Position(); p < at+499*time.Millisecond || p > at+501*time.Millisecond {
			t.Errorf("position %v half a second after %v", p, at)
		}
	}
	track.Seek(track.Duration() - time.Second/2)
	ready(t, track)
	if got := hear(t, track, listen.SampleRate); len(got) < listen.SampleRate/2 || len(got) > listen.SampleRate/2+1 {
		t.Errorf("%d frames of the last half second", len(got))
	}
	if _, err := track.Read(make([]byte, 80)); err != io.EOF {
		t.Errorf("behind the end: %v", err)
	}
}

func TestSilenceUntilItIsDecoded(t *testing.T) {
	path, _ := archived(t)
	track := open(t, path)
	track.Seek(35 * time.Second)
	for { // whatever the decoder has got to
		part, _ := track.Ready()
		p := track.Position()
		got := hear(t, track, 100)
		if len(got) != 100 {
			t.Fatalf("%d frames", len(got))
		}
		if track.Position() > p {
			return
		}
		for _, v := range got {
			if v != 0 {
				t.Fatalf("sound at %v without moving on (%v)", p, part)
			}
		}
	}
}

// stuck keeps what it codes, and never ends decoding the first segment that it is asked for.
type stuck struct {
	stream.SegmentCoder
	mu    sync.Mutex
	kept  [][][]int32
	asked chan struct{} // is closed then
}

func (s *stuck) Encode(_ context.Context, samples [][]int32, _ int, _ func(int)) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, samples)
	return []byte{byte(len(s.kept) - 1)}, nil
}

func (s *stuck) Decode(ctx context.Context, data []byte, _, _, _ int, _ func(int)) ([][]int32, error) {
	select {
	case <-s.asked:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.kept[data[0]], nil
	default:
		close(s.asked)
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

// TestAJumpWaitsForNothingElse jumps while another segment is in work.
func TestAJumpWaitsForNothingElse(t *testing.T) {
	dir := t.TempDir()
	wav := jobtest.WAV(rate, 16, 2, frames, 1)
	if err := os.WriteFile(filepath.Join(dir, "a.wav"), wav, 0o666); err != nil {
		t.Fatal(err)
	}
	codec := jobtest.Codec("listen")
	coder := &stuck{SegmentCoder: codec.Coder, asked: make(chan struct{})}
	codec.Coder = coder
	path := filepath.Join(dir, "a.trilobyte")
	engine := job.Engine{Codec: codec}
	if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{filepath.Join(dir, "a.wav")}, Archive: path}); err != nil {
		t.Fatal(err)
	}
	track, err := listen.Open(codec, path, "a.wav")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { track.Close() })
	<-coder.asked
	track.Seek(40 * time.Second)
	ready(t, track)
	want := float64(int16(binary.LittleEndian.Uint16(wav[44+4*40*rate:]))) / 32768
	if first := hear(t, track, 1)[0]; math.Abs(first-want) > 1e-4 {
		t.Errorf("after a jump there is %v, want %v", first, want)
	}
	track.Seek(0)
	ready(t, track)
}

func TestWhatCannotBePlayed(t *testing.T) {
	path, _ := archived(t)
	for name, want := range map[string]string{"b.txt": "not compressed audio", "c.wav": "nothing of that name"} {
		if _, err := listen.Open(jobtest.Codec("listen"), path, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := listen.Open(jobtest.Codec("listen"), path+"x", "a.wav"); err == nil {
		t.Error("an archive that is not there plays")
	}
}
