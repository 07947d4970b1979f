package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/preset"
	"trilobyte/codec"
	"trilobyte/codec/backend"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
)

// newEngine returns an engine with the program's own codec of a preset, for which a file that fails is an error.
func newEngine(t *testing.T, name string) *job.Engine {
	t.Helper()
	chosen, done, err := preset.Codecs{}.Codec(preset.Choice{Preset: name}, backend.Encoding, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := done(); err != nil {
			t.Error(err)
		}
	})
	return &job.Engine{Codec: chosen, Events: func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			t.Errorf("%s %s: %v", f.Phase, f.Name, f.Err)
		}
	}}
}

// roundTrip archives a folder with a preset, restores it and compares. It returns
// what is in the archive, by name.
func roundTrip(t *testing.T, source, preset string) map[string]archive.File {
	t.Helper()
	engine := newEngine(t, preset)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.trilobyte")
	ctx := context.Background()
	summary, err := engine.Compress(ctx, job.CompressOptions{Paths: []string{source}, Archive: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Restore(ctx, job.RestoreOptions{Archive: path, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	files := map[string]archive.File{}
	for _, f := range summary.Files {
		if f.Kind == archive.KindFolder {
			continue
		}
		name, err := filepath.Rel(filepath.Base(source), filepath.FromSlash(f.Name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = f
		want, err1 := os.ReadFile(filepath.Join(source, name))
		got, err2 := os.ReadFile(filepath.Join(dir, f.Name))
		if err := errors.Join(err1, err2); err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s came back changed", name)
		}
	}
	return files
}

// TestOddFilesComeBack archives all kinds of odd recordings.
func TestOddFilesComeBack(t *testing.T) {
	if raceDetector {
		t.Skip("takes minutes")
	}
	source := filepath.Join(t.TempDir(), "odd")
	if err := os.Mkdir(source, 0o777); err != nil {
		t.Fatal(err)
	}
	cases := recordingtest.Cases()
	for _, c := range cases {
		if err := os.WriteFile(filepath.Join(source, c.Name+".wav"), c.Bytes, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	files := roundTrip(t, source, codec.DefaultPreset)
	if len(files) != len(cases) {
		t.Errorf("%d files are in the archive, want %d", len(files), len(cases))
	}
	for _, c := range cases {
		want := archive.KindFile
		if len(c.Audio) > 0 {
			want = archive.KindRecording
		}
		if got := files[c.Name+".wav"].Kind; got != want {
			t.Errorf("%s is archived as a %s, want %s", c.Name, got, want)
		}
	}
}

// TestNoiseHardlyGrows archives what cannot be compressed.
func TestNoiseHardlyGrows(t *testing.T) {
	if raceDetector {
		t.Skip("takes minutes")
	}
	random := rand.New(rand.NewPCG(1, 2))
	source := filepath.Join(t.TempDir(), "noise")
	if err := os.Mkdir(source, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, bits := range map[string]int{"8.wav": 8, "16.wav": 16, "24.wav": 24} {
		samples := [][]int32{make([]int32, 250_000)}
		for i := range samples[0] {
			samples[0][i] = int32(random.Uint32()) >> (32 - bits)
		}
		f := recording.Format{Channels: 1, SampleRate: 44100, Width: bits / 8, ValidBits: bits, Unsigned: bits == 8}
		if err := os.WriteFile(filepath.Join(source, name), recordingtest.WAV(f, samples), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, f := range roundTrip(t, source, codec.DefaultPreset) {
		if limit := f.Size + f.Size/1000; f.Compressed > limit {
			t.Errorf("%s: %d bytes of noise became %d, want at most %d", name, f.Size, f.Compressed, limit)
		}
	}
}

// TestPublicSetComesBack archives the beginnings of all recordings of the public benchmark, where it is at hand, and in its
// long form all of them.
func TestPublicSetComesBack(t *testing.T) {
	source, err := filepath.Abs("../shared/audio/dev")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(source); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the public benchmark is not here")
	}
	if testing.Short() || raceDetector {
		t.Skip("takes minutes")
	}
	for _, name := range codec.Presets() {
		t.Run(name, func(t *testing.T) {
			if os.Getenv("TRILOBYTE_SOAK") != "" {
				roundTrip(t, source, name)
			} else {
				roundTrip(t, beginnings(t, source, time.Second/2), name)
			}
		})
	}
}

// beginnings makes a folder with the beginnings of the recordings in the folders of another one.
func beginnings(t *testing.T, source string, length time.Duration) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "beginnings")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(source, "*", "*.wav"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d recordings, error %v", len(paths), err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found, err := recording.Find(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		span := found.Spans[slices.IndexFunc(found.Spans, recording.Span.Audio)]
		frames := min(span.Frames(), int64(length.Seconds()*float64(span.Format.SampleRate)))
		samples := span.Format.Samples(b[span.Offset:][:frames*int64(span.Format.FrameBytes())])
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), recordingtest.WAV(span.Format, samples), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// updateGolden updates a copy of an archive from what has come out of it, and something new.
func updateGolden(t *testing.T, engine *job.Engine, path, dir string) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	out, added := filepath.Join(t.TempDir(), "out.trilobyte"), filepath.Join(t.TempDir(), "new.txt")
	if err := errors.Join(os.WriteFile(out, b, 0o600), os.WriteFile(added, []byte("new"), 0o600)); err != nil {
		t.Fatal(err)
	}
	entries, _, err := engine.List(out)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := engine.Compress(context.Background(), job.CompressOptions{Paths: append(top, added), Archive: out, Update: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if (e.Kind == archive.KindRecording || e.Kind == archive.KindFile) && !summary.Kept[e.Name] {
			t.Errorf("%s was not taken over", e.Name)
		}
	}
}

// TestGoldenArchivesComeBack restores the archives that earlier versions of the program made and compares the files
// with the checksums of the originals, which stand beside the archives as sha256sum writes them.
func TestGoldenArchivesComeBack(t *testing.T) {
	archives, err := filepath.Glob("testdata/golden/*.trilobyte")
	if err != nil || len(archives) == 0 {
		t.Fatalf("there are no golden archives: %v", err)
	}
	for _, path := range archives {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if testing.Short() && filepath.Base(path) == "default.trilobyte" {
				t.Skip("it is the longest one, and nothing of its own happens at the same time")
			}
			dir := t.TempDir()
			engine := newEngine(t, codec.DefaultPreset)
			if _, err := engine.Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: dir}); err != nil {
				t.Fatal(err)
			}
			list, err := os.ReadFile(strings.TrimSuffix(path, ".trilobyte") + ".sha256")
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(list)) {
				sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
				file, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
				if err != nil {
					t.Error(err)
				} else if got := fmt.Sprintf("%x", sha256.Sum256(file)); got != sum {
					t.Errorf("%s has the SHA-256 %s, the original had %s", name, got, sum)
				}
			}
			updateGolden(t, engine, path, dir)
		})
	}
}
