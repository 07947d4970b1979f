package job_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// cat returns what Cat writes, with so many workers.
func cat(t testing.TB, o job.CatOptions) ([]byte, error) {
	t.Helper()
	var b bytes.Buffer
	err := engine().Cat(context.Background(), &b, o)
	return b.Bytes(), err
}

func TestCatWritesTheOriginals(t *testing.T) {
	sources := []string{album(t)}
	if !testing.Short() {
		sources = append(sources, copied(t))
	}
	for _, source := range sources {
		archive := compress(t, engine(), source)
		entries, _, err := engine().List(archive)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			got, err := cat(t, job.CatOptions{Archive: archive, Name: e.Name})
			want, readErr := os.ReadFile(filepath.Join(filepath.Dir(source), filepath.FromSlash(e.Name)))
			switch {
			case e.Kind == "folder" || e.Kind == "link":
				if err == nil || len(got) > 0 {
					t.Errorf("%s, a %s: %d bytes, error %v", e.Name, e.Kind, len(got), err)
				}
			case err != nil || readErr != nil || !bytes.Equal(got, want):
				t.Errorf("%s: %d bytes, want %d; errors %v, %v", e.Name, len(got), len(want), err, readErr)
			}
		}
	}
}

// TestCatCuts writes stretches of two segments, and of recordings whose samples are
// somewhere else.
func TestCatCuts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	archive := compress(t, engine(), copied(t))
	const rate, frames = 8000, takeFrames
	_, all := readWAV(t, twoSegments())
	for _, name := range []string{"dir/a.wav", "dir/b.wav", "dir/d.wav"} {
		want := slices.Clone(all[0])
		if name == "dir/d.wav" {
			other, err := cat(t, job.CatOptions{Archive: archive, Name: name})
			if err != nil {
				t.Fatal(err)
			}
			_, samples := readWAV(t, other)
			want = samples[0]
		}
		for _, c := range []struct {
			from, to   time.Duration
			first, end int
		}{
			{0, 1, 0, 1},
			{time.Second, 2 * time.Second, rate, 2 * rate},
			{16 * time.Second, 17 * time.Second, 16 * rate, 17 * rate}, // over a border of segments
			{time.Second + 1, 0, rate + 1, frames},
			{32 * time.Second, time.Hour, 32 * rate, frames},
		} {
			o := job.CatOptions{Archive: archive, Name: name, From: c.from, To: c.to}
			b, err := cat(t, o)
			if err != nil {
				t.Errorf("%s %v: %v", name, c, err)
				continue
			}
			if _, got := readWAV(t, b); !slices.Equal(got[0], want[c.first:c.end]) {
				t.Errorf("%s %v: other samples (%d)", name, c, len(got[0]))
			}
			o.Format = job.FLAC
			path := filepath.Join(t.TempDir(), "x.flac")
			if b, err = cat(t, o); err != nil {
				t.Fatal(err)
			}
			writeFile(t, path, b)
			if info, got := readFLAC(t, path); !slices.Equal(got[0], want[c.first:c.end]) || int(info.NSamples) != c.end-c.first {
				t.Errorf("%s %v as FLAC: %+v", name, c, info)
			}
		}
	}
}

func TestCatMakesTheFilesOfExport(t *testing.T) {
	archive := archiveOfAlbum(t)
	for _, format := range []job.ExportFormat{job.WAV, job.FLAC} {
		dir, _, summary := export(t, engine(), archive, format)
		for _, f := range summary.Files {
			want, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(format.FileName(f))))
			if err != nil {
				t.Fatal(err)
			}
			got, err := cat(t, job.CatOptions{Archive: archive, Name: f.Name, Format: format})
			if format == job.FLAC && len(got) == len(want) { // the sizes of frames, and the MD5 of small recordings
				const minMax, sum = 12, 26
				copy(want[minMax:minMax+6], make([]byte, 6))
				if f.PCMMD5 == "" {
					copy(want[sum:sum+16], make([]byte, 16))
				}
			}
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s as %s: %d bytes, want %d, error %v", f.Name, format, len(got), len(want), err)
			}
		}
	}
}

func TestCatRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	archive := archiveOfAlbum(t)
	for _, c := range []struct {
		o    job.CatOptions
		want string
	}{
		{job.CatOptions{Name: "Album/none"}, "Album/none: the archive has nothing of that name"},
		{job.CatOptions{Name: "Album/Scans"}, "it is a folder"},
		{job.CatOptions{Name: "Album/Scans/link"}, "it is a link to ../01 long.wav"},
		{job.CatOptions{Name: "Album/Scans/note.txt", Format: job.WAV}, "not a recording"},
		{job.CatOptions{Name: "Album/Scans/note.txt", To: time.Second}, "not a recording"},
		{job.CatOptions{Name: "Album/07 float.wav", Format: job.FLAC}, "FLAC cannot hold this audio"},
		{job.CatOptions{Name: "Album/01 long.wav", From: time.Hour}, "no sample begins at 1:00:00.000 or later: it ends at 0:00:33.393"},
		{job.CatOptions{Name: "Album/01 long.wav", From: 2, To: 1}, "there is nothing"},
		{job.CatOptions{Name: "Album/01 long.wav", From: time.Second + 1, To: time.Second + 2}, "no sample begins from 1.000000001s to 1.000000002s after its beginning"},
	} {
		c.o.Archive = archive
		if b, err := cat(t, c.o); err == nil || !strings.Contains(err.Error(), c.want) || len(b) > 0 {
			t.Errorf("%+v: %d bytes, error %v", c.o, len(b), err)
		}
	}
}

// counting counts the segments that are decoded.
type counting struct {
	jobtest.Coder
	decoded *atomic.Int32
}

func (c counting) Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(int)) ([][]int32, error) {
	c.decoded.Add(1)
	return c.Coder.Decode(ctx, data, channels, frames, bits, progress)
}

func TestCatDecodesWhatItNeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	const frames = 2 << 18 // two segments, of what no FLAC frames hold
	b := jobtest.WAVHeader(3, 8000, 32, 1, 4*frames)
	for i := range frames {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(i%1000)/1024))
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.wav"), b)
	archive := compress(t, engine(), filepath.Join(dir, "a.wav"))
	decoded := &atomic.Int32{}
	e := engine()
	e.Codec.Coder = counting{jobtest.NewCoder(model), decoded}
	if err := e.Cat(context.Background(), io.Discard, job.CatOptions{Archive: archive, Name: "a.wav", From: 50 * time.Second, To: 51 * time.Second}); err != nil {
		t.Fatal(err)
	}
	if n := decoded.Load(); n != 1 {
		t.Errorf("%d segments were decoded", n)
	}
}

// TestCatSaysWhatIsDamaged writes what is sound around a damaged segment.
func TestCatSaysWhatIsDamaged(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	dir := t.TempDir()
	original := jobtest.WAV(8000, 16, 1, 4<<18, 1)
	writeFile(t, filepath.Join(dir, "a.wav"), original)
	path := compress(t, engine(), filepath.Join(dir, "a.wav"))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)*3/8] ^= 1 // in the second of four segments
	writeFile(t, path, b)
	got, err := cat(t, job.CatOptions{Archive: path, Name: "a.wav"})
	var damage *stream.DamageError
	if !errors.As(err, &damage) || !strings.Contains(err.Error(), "the audio from 0:00:32.768 to 0:01:05.536") {
		t.Errorf("error %v", err)
	}
	if len(got) == 0 || !bytes.HasPrefix(original, got) {
		t.Errorf("%d bytes were written that are not those before the damage", len(got))
	}
	if _, err := cat(t, job.CatOptions{Archive: path, Name: "a.wav", From: 66 * time.Second}); err != nil {
		t.Errorf("what is behind the damage: %v", err)
	}
}

// TestCatStopsWithItsReader writes to what is closed after a while.
func TestCatStopsWithItsReader(t *testing.T) {
	archive := archiveOfAlbum(t)
	r, w := io.Pipe()
	go func() {
		io.CopyN(io.Discard, r, 1000)
		r.Close()
	}()
	if err := engine().Cat(context.Background(), w, job.CatOptions{Archive: archive, Name: "Album/01 long.wav"}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := engine().Cat(ctx, io.Discard, job.CatOptions{Archive: archive, Name: "Album/01 long.wav"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestCatWritesFloats cuts what only WAV files can hold.
func TestCatWritesFloats(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	archive := archiveOfAlbum(t)
	b, err := cat(t, job.CatOptions{Archive: archive, Name: "Album/07 float.wav", To: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := readWAV(t, b); f.Kind != recording.Float || !bytes.HasSuffix(b, []byte("abcdefgh")) {
		t.Errorf("%v: %q", f, b)
	}
}
