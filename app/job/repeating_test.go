package job_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/stream"
)

const themeFrames, slowRate = 20_000, 50

// slow returns a WAV file of a rate so low that it is long.
func slow(data []byte) []byte {
	return append(jobtest.WAVHeader(1, slowRate, 16, 1, len(data)), data...)
}

// repeating makes a folder with a recording in which a theme comes three times, and one
// with the end of that, and returns its path.
func repeating(t testing.TB) string {
	t.Helper()
	theme, other := jobtest.WAV(slowRate, 16, 1, themeFrames, 1)[44:], jobtest.WAV(slowRate, 16, 1, 1000, 2)[44:]
	dir, song := filepath.Join(t.TempDir(), "dir"), slices.Concat(theme, other, theme, theme)
	writeFile(t, filepath.Join(dir, "song.wav"), slow(song))
	writeFile(t, filepath.Join(dir, "theme.wav"), slow(song[30_000:]))
	return dir
}

// TestARecordingRepeatsItself has what comes again stored once, and restores it, also from
// an archive that was updated.
func TestARecordingRepeatsItself(t *testing.T) {
	source := repeating(t)
	path := compress(t, engine(), source)
	once := filepath.Join(t.TempDir(), "once.wav")
	writeFile(t, once, jobtest.WAV(slowRate, 16, 1, themeFrames, 1))
	alone := compress(t, engine(), once)
	entries, damage, err := engine().List(path)
	if err != nil || damage != nil || len(entries) != 3 {
		t.Fatal(len(entries), err, damage)
	}
	info, err := os.Stat(alone)
	if err != nil {
		t.Fatal(err)
	}
	song, theme := entries[1], entries[2]
	if len(song.RefersTo) > 0 || song.File.Compressed > info.Size()*5/4 {
		t.Errorf("it takes %d bytes, and a theme %d; it refers to %q", song.File.Compressed, info.Size(), song.RefersTo)
	}
	if !slices.Equal(theme.RefersTo, []string{song.Name}) || theme.File.Compressed > 100 {
		t.Errorf("the end takes %d bytes, and refers to %q", theme.File.Compressed, theme.RefersTo)
	}
	check := func(what string) {
		t.Helper()
		back := t.TempDir()
		summary, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back})
		if err != nil || summary.Failed > 0 {
			t.Fatalf("%s: %d failed, error %v", what, summary.Failed, err)
		}
		if got, want := contents(t, filepath.Join(back, "dir")), contents(t, source); !maps.Equal(want, got) {
			t.Errorf("%s: restored\n%v\nwant\n%v", what, got, want)
		}
	}
	check("at first")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	update := updateTo(source, path, func(*job.CompressOptions) {})
	if _, err := update(engine()); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, before) {
		t.Errorf("an update of nothing changes the archive, error %v", err)
	}
	writeFile(t, filepath.Join(source, "a first one.wav"), jobtest.WAV(8000, 16, 1, 3000, 3))
	summary, err := update(engine())
	if err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	check("after an update")
}

// TestCatOfWhatRepeats writes stretches from all over a recording that repeats itself.
func TestCatOfWhatRepeats(t *testing.T) {
	source := repeating(t)
	path := compress(t, engine(), source)
	whole, err := os.ReadFile(filepath.Join(source, "song.wav"))
	if err != nil {
		t.Fatal(err)
	}
	for _, early := range []bool{false, true} {
		for from := time.Duration(0); from < 20*time.Minute; from += 3 * time.Minute {
			var got bytes.Buffer
			o := job.CatOptions{Archive: path, Name: "dir/song.wav", From: from, To: from + time.Minute, Early: early}
			if err := engine().Cat(context.Background(), &got, o); err != nil {
				t.Fatalf("from %v: %v", from, err)
			}
			first := 44 + 2*slowRate*int(from/time.Second)
			if !bytes.Equal(got.Bytes()[44:], whole[first:min(first+120*slowRate, len(whole))]) {
				t.Errorf("from %v: other samples", from)
			}
		}
	}
}

// TestWhatComesAgainIsDecodedOnce verifies a recording in which more sounds than cores need take turns.
func TestWhatComesAgainIsDecodedOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	sounds, times := 2*(runtime.GOMAXPROCS(0)+2), 3
	recording := func(data []byte) []byte { return append(jobtest.WAVHeader(3, 8000, 32, 1, len(data)), data...) }
	var song []byte
	for i := range sounds {
		var data []byte // of what no FLAC frames hold
		for random := rand.New(rand.NewPCG(1, uint64(i))); len(data) < 4*30_000; {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(random.Float32()))
		}
		writeFile(t, filepath.Join(dir, fmt.Sprintf("a%d.wav", i)), recording(data))
		song = append(song, data...)
	}
	writeFile(t, filepath.Join(dir, "song.wav"), recording(bytes.Repeat(song, times)))
	path := compress(t, engine(), dir)
	decoded := &atomic.Int32{}
	e := engine()
	e.Codec.Coder = counting{jobtest.NewCoder(model), decoded}
	if summary, err := e.Verify(context.Background(), path); err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	// Each for itself, and for the song; a few again, by tasks at the same time.
	if n, most := int(decoded.Load()), 2*sounds+sounds*times/2; n < 2*sounds || n > most {
		t.Errorf("%d segments were decoded, wanted %d to %d", n, 2*sounds, most)
	}
}

// gated decodes when it may, and says when it begins.
type gated struct {
	jobtest.Coder
	begun, goOn chan struct{}
}

func (g gated) Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(int)) ([][]int32, error) {
	g.begun <- struct{}{}
	<-g.goOn
	return g.Coder.Decode(ctx, data, channels, frames, bits, progress)
}

// TestWhoWaitsReadsAhead asks twice for the first of two segments: meanwhile the second one is decoded.
func TestWhoWaitsReadsAhead(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	const frames = 2 << 18
	b := jobtest.WAVHeader(3, 8000, 32, 1, 4*frames)
	for i := range frames {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(i%1000)/1024)) // no FLAC frames hold it
	}
	take := filepath.Join(t.TempDir(), "take.wav")
	writeFile(t, take, b)
	a, err := archive.Open(disk.OS{}, compress(t, engine(), take))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	coder := gated{jobtest.NewCoder(model), make(chan struct{}), make(chan struct{})}
	codec := jobtest.Codec(model)
	codec.Coder = coder
	references := job.NewReferences(codec, a, 0, 2)
	var asking sync.WaitGroup
	for range 2 {
		asking.Go(func() {
			r := stream.Reference{Source: stream.Itself, Channels: []int{0}}
			if _, samples, err := references.For(a.Entries()[0]).Samples(context.Background(), r, 1000, nil); err != nil || len(samples[0]) != 1000 {
				t.Errorf("%d channels, error %v", len(samples), err)
			}
		})
	}
	for range 2 {
		<-coder.begun
	}
	close(coder.goOn)
	asking.Wait()
	references.Wait()
}

// TestDamageOfWhatRepeats damages a theme: all places where it is heard are lost, and told.
func TestDamageOfWhatRepeats(t *testing.T) {
	source := repeating(t)
	path := compress(t, engine(), source)
	damaged, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged[entryOf(t, path, 1)+1000] ^= 4
	e, failed := engineFor(damaged)
	if _, err := e.Verify(context.Background(), path); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"frames 0 to 20999", "frames 21000 to 40999", "frames 41000 to 60999"} {
		if !strings.Contains(failed["dir/song.wav"], part) {
			t.Errorf("it is not told that %s are lost", part)
		}
	}
	if len(failed) != 2 || !strings.Contains(failed["dir/song.wav"], "segment 1 of 3 is damaged") {
		t.Errorf("%q failed", failed)
	}
	back := t.TempDir()
	if _, err := e.Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back, Names: []string{"dir/song.wav"}, Salvage: true}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(back, "dir", "song (damaged).wav"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(source, "song.wav"))
	if err != nil {
		t.Fatal(err)
	}
	clear(want[44:]) // all of it is in the first segment, or comes from there
	if !bytes.Equal(got, want) {
		t.Error("it was not saved as it should be")
	}
}

// TestCatOfWhatRepeatsBegins reads the beginning of what comes again while what it was
// heard first in is decoded.
func TestCatOfWhatRepeatsBegins(t *testing.T) {
	source := filepath.Join(repeating(t), "song.wav")
	coder := &jobtest.Halting{Coder: jobtest.NewCoder(model), Frames: 15_000}
	e := engine()
	e.Codec.Coder = coder
	o := job.CatOptions{Archive: compress(t, e, source), Name: "song.wav", From: 500 * time.Second, To: 800 * time.Second, Early: true}
	whole, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []bool{false, true} {
		coder.GoOn = make(chan struct{})
		coder.Spoil = func(samples [][]int32) {
			if wrong {
				samples[0][len(samples[0])-1] ^= 1
			}
		}
		r, w := io.Pipe()
		done := make(chan error, 1)
		go func() {
			err := e.Cat(context.Background(), w, o)
			done <- err
			w.CloseWithError(err)
		}()
		const began = 500*slowRate - (themeFrames + 1000) // of the theme
		got := make([]byte, 44+2*(15_000-began))
		if _, err := io.ReadFull(r, got); err != nil {
			t.Fatal(err)
		}
		close(coder.GoOn)
		rest, _ := io.ReadAll(r)
		err := <-done
		if all := append(got, rest...)[44:]; (err != nil) != wrong || !wrong && !bytes.Equal(all, whole[44+500*2*slowRate:44+800*2*slowRate]) {
			t.Errorf("%d bytes come, error %v", len(all), err)
		}
	}
}
