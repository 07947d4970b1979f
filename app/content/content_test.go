package content_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"trilobyte/app/content"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const model = "content"

// album archives recordings and other files, and returns the originals by name. The
// archive is the caller's own.
func album(t testing.TB) (archive string, originals map[string][]byte) {
	t.Helper()
	packed, originals := makeAlbum()
	archive = filepath.Join(t.TempDir(), "album.trilobyte")
	if err := os.WriteFile(archive, packed, 0o666); err != nil {
		t.Fatal(err)
	}
	return archive, originals
}

// makeAlbum makes the archive once for all tests.
var makeAlbum = sync.OnceValues(func() (packed []byte, originals map[string][]byte) {
	long := jobtest.WAV(8000, 16, 1, 1<<18+60_000, 1) // two segments
	padded := bytes.Clone(jobtest.WAVHeader(1, 8000, 24, 1, (len(long)-44)/2*3))
	for i := 44; i < len(long); i += 2 {
		padded = append(padded, 0, long[i], long[i+1])
	}
	originals = map[string][]byte{
		"a.wav":       long,
		"b/copy.wav":  long,
		"b/wider.wav": padded, // refers to a.wav
		"c/24.wav":    append(jobtest.WAV(48000, 24, 2, 10_000, 2), "LIST\x04\x00\x00\x00INFO"...),
		"text.txt":    bytes.Repeat([]byte("not much of a text "), 100_000), // deflated
		"noise.bin":   noise(300_000),                                       // stored
		"empty":       nil,
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for name, b := range originals {
		name = filepath.Join(dir, "album", filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, b, 0o666)); err != nil {
			panic(err)
		}
	}
	archive := filepath.Join(dir, "album.trilobyte")
	engine := job.Engine{Codec: jobtest.Codec(model)}
	summary, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{filepath.Join(dir, "album")}, Archive: archive})
	if err != nil || summary.Failed > 0 {
		panic(fmt.Sprintf("%d failed, error %v", summary.Failed, err))
	}
	refers, same := 0, 0
	for _, f := range summary.Files {
		if refers += len(f.RefersTo); f.SameAs != "" {
			same++
		}
	}
	if refers != 1 || same != 1 {
		panic(fmt.Sprintf("%d files refer to others, %d are copies", refers, same))
	}
	if packed, err = os.ReadFile(archive); err != nil {
		panic(err)
	}
	return packed, originals
})

func noise(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, random.Uint64())
	}
	return b[:n]
}

func open(t testing.TB, path string, cache int64) *content.Archive {
	t.Helper()
	a, err := content.Open(jobtest.Codec(model), path, content.NewCache(cache))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func TestFilesAreReadWhole(t *testing.T) {
	path, originals := album(t)
	a := open(t, path, 1<<20)
	files := 0
	for _, f := range a.Files() {
		if f.Kind == "folder" {
			if _, err := a.File(context.Background(), f.Name); !errors.Is(err, content.ErrNoFile) {
				t.Errorf("%s: error %v", f.Name, err)
			}
			continue
		}
		files++
		file, err := a.File(context.Background(), f.Name)
		if err != nil {
			t.Fatal(err)
		}
		r := file.Reader(context.Background())
		got, err := io.ReadAll(r)
		if want := originals[strings.TrimPrefix(f.Name, "album/")]; err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want %d, error %v", f.Name, len(got), len(want), err)
		}
		r.Close()
	}
	if files != len(originals) || len(a.Damage()) > 0 {
		t.Errorf("%d files, damage %v", files, a.Damage())
	}
	if _, err := a.File(context.Background(), "album/none"); !errors.Is(err, job.ErrNotInArchive) {
		t.Errorf("error %v", err)
	}
}

// TestReadersOfRangesAtTheSameTime reads any ranges, some of which are given up
// halfway, with a cache that is too small for all.
func TestReadersOfRangesAtTheSameTime(t *testing.T) {
	path, originals := album(t)
	a := open(t, path, 600_000)
	reads := 40
	if testing.Short() {
		reads = 8
	}
	var names []string
	for name, b := range originals {
		if len(b) > 0 {
			names = append(names, name)
		}
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(3, uint64(n)))
			for range reads {
				name := names[random.IntN(len(names))]
				want := originals[name]
				first := random.IntN(len(want))
				want = want[first:min(len(want), first+random.IntN(200_000))]
				ctx, cancel := context.WithCancel(context.Background())
				givenUp := random.IntN(4) == 0
				if givenUp {
					time.AfterFunc(time.Duration(random.IntN(1000))*time.Microsecond, cancel)
				}
				file, err := a.File(ctx, "album/"+name)
				if err == nil {
					got := make([]byte, len(want))
					_, err = file.ReadAt(ctx, got, int64(first))
					if err == nil && !bytes.Equal(got, want) {
						t.Errorf("%s from %d: other bytes", name, first)
					}
				}
				cancel()
				if err != nil && !(givenUp && errors.Is(err, context.Canceled)) {
					t.Errorf("%s from %d: %v", name, first, err)
				}
			}
		})
	}
	all.Wait()
}

func TestReaderSeeks(t *testing.T) {
	path, originals := album(t)
	a := open(t, path, 0)
	for _, name := range []string{"text.txt", "noise.bin", "a.wav"} {
		file, err := a.File(context.Background(), "album/"+name)
		if err != nil {
			t.Fatal(err)
		}
		r := file.Reader(context.Background())
		want := bytes.NewReader(originals[name])
		random := rand.New(rand.NewPCG(5, 6))
		for range 12 {
			offset, whence := random.Int64N(file.Size), random.IntN(3)
			switch whence {
			case io.SeekCurrent:
				offset = offset/10 - file.Size/20
			case io.SeekEnd:
				offset = -offset
			}
			at, err1 := r.Seek(offset, whence)
			wantAt, err2 := want.Seek(offset, whence)
			if at != wantAt && (err1 == nil) == (err2 == nil) && err1 == nil || (err1 == nil) != (err2 == nil) {
				t.Fatalf("seeking to %d (%d): at %d, want %d; errors %v, %v", offset, whence, at, wantAt, err1, err2)
			}
			b, wantB := make([]byte, 70_000), make([]byte, 70_000)
			n, _ := io.ReadFull(r, b)
			wantN, _ := io.ReadFull(want, wantB)
			if n != wantN || !bytes.Equal(b, wantB) {
				t.Fatalf("%s from %d: %d bytes, want %d", name, at, n, wantN)
			}
		}
		r.Close()
	}
	file, err := a.File(context.Background(), "album/a.wav")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 10)
	if n, err := file.ReadAt(context.Background(), b, file.Size-4); n != 4 || err != io.EOF {
		t.Errorf("at the end: %d bytes, error %v", n, err)
	}
	if n, err := file.ReadAt(context.Background(), b, file.Size+4); n != 0 || err != io.EOF {
		t.Errorf("behind the end: %d bytes, error %v", n, err)
	}
	if _, err := file.ReadAt(context.Background(), b, -1); err == nil {
		t.Error("something is before the beginning")
	}
}

// TestDamageIsWhereItIs reads around a damaged segment.
func TestDamageIsWhereItIs(t *testing.T) {
	path, originals := album(t)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[bytes.Index(b, []byte("album/a.wav"))+100_000] ^= 1 // in its first segment
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	a := open(t, path, 1<<20)
	ctx := context.Background()
	for _, name := range []string{"a.wav", "b/copy.wav", "b/wider.wav"} {
		file, err := a.File(ctx, "album/"+name)
		if err != nil {
			t.Fatal(err)
		}
		want := originals[name]
		lost, got := 0, make([]byte, 1000)
		for first := 0; first+len(got) < len(want); first += len(want) / 12 {
			_, err := file.ReadAt(ctx, got, int64(first))
			var damage *stream.DamageError
			switch {
			case err == nil && !bytes.Equal(got, want[first:][:len(got)]):
				t.Errorf("%s from %d: other bytes", name, first)
			case err != nil && (!errors.As(err, &damage) || !strings.Contains(err.Error(), "the audio from 0:00:")):
				t.Errorf("%s from %d: %v", name, first, err)
			case err != nil:
				lost++
			}
		}
		if lost == 0 || lost > 7 {
			t.Errorf("%s: %d of 12 ranges are lost", name, lost)
		}
	}
}

// TestAnArchiveThatIsReplacedIsOldOrAnError reads an archive that is deleted, that
// another one takes the name of, and that is written to.
func TestAnArchiveThatIsReplacedIsOldOrAnError(t *testing.T) {
	path, originals := album(t)
	other, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1000)
	read := func(a *content.Archive, name string) error {
		file, err := a.File(context.Background(), "album/"+name)
		if err != nil {
			return err
		}
		offset := len(originals[name]) / 2
		_, err = file.ReadAt(context.Background(), b, int64(offset))
		if err == nil && !bytes.Equal(b, originals[name][offset:][:len(b)]) {
			t.Errorf("%s: other bytes", name)
		}
		return err
	}
	names := []string{"a.wav", "b/wider.wav", "text.txt", "noise.bin"}
	a := open(t, path, 0)
	for range 2 {
		for _, name := range names {
			if err := read(a, name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := os.Remove(path); err != nil { // and something takes its place
			t.Fatal(err)
		}
		if err := os.WriteFile(path, other[:len(other)/2], 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, other, 0o666); err != nil {
		t.Fatal(err)
	}
	a = open(t, path, 0)
	for i := range other[:len(other)/2] {
		other[i] ^= 0x55
	}
	if err := os.WriteFile(path, other, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Now(), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := read(a, name); !errors.Is(err, content.ErrChanged) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
