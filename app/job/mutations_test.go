package job_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/codec/recording/recordingtest"
)

// mutate returns b with a few random changes of the kinds that damage and
// malice make.
func mutate(random *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	for range 1 + random.IntN(4) {
		if len(b) == 0 {
			return b
		}
		at := random.IntN(len(b))
		length := min(1+random.IntN(16), len(b)-at)
		switch random.IntN(7) {
		case 0:
			b[at] ^= 1 << random.IntN(8)
		case 1:
			for i := range length {
				b[at+i] = byte(random.Uint32())
			}
		case 2: // a size that is a lie
			for i := range min(length, 8) {
				b[at+i] = []byte{0, 0xFF, 0x7F}[random.IntN(3)]
			}
		case 3:
			b = slices.Delete(b, at, at+length)
		case 4:
			b = slices.Insert(b, at, b[at:at+length]...)
		case 5: // a part of it at another place
			from := random.IntN(len(b))
			copy(b[at:], slices.Clone(b[from:min(from+100, len(b))]))
		case 6:
			if random.IntN(4) == 0 {
				b = b[:at]
			}
		}
	}
	return b
}

// lying returns an archive whose manifest says something else, with the checksums
// that belong to that.
func lying(t *testing.T, random *rand.Rand, sound []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(sound), int64(len(sound)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		if !strings.HasSuffix(f.Name, ".trilobyte/manifest") {
			if err := out.Copy(f); err != nil {
				t.Fatal(err)
			}
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		manifest, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for range 1 + random.IntN(3) {
			manifest = mutate(random, manifest)
		}
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(manifest); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// mutations is how many archives and WAV files are mutated, each.
func mutations() int {
	switch {
	case soak:
		return 100_000
	case testing.Short():
		return 300
	}
	return 5000
}

// TestMutatedArchives verifies, lists and restores thousands of mutated
// archives: in little time, with little memory, and nothing outside of the
// target is written.
func TestMutatedArchives(t *testing.T) {
	dir := memoryDir(t)
	source := small(t, dir)
	sound, err := os.ReadFile(compress(t, engine(), source))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	found, slowest, largest := 0, time.Duration(0), uint64(0)
	outer := filepath.Join(dir, "outer")
	for i := range mutations() {
		b := mutate(random, sound)
		if i%4 == 0 {
			b = lying(t, random, sound)
		}
		e := engine()
		e.Workers = 1
		e.Disk = memory{content: b}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		summary, err := e.Verify(context.Background(), "x")
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		slowest, largest = max(slowest, took), max(largest, after.TotalAlloc-before.TotalAlloc)
		if err != nil || summary.Failed > 0 {
			found++
		} else if !bytes.Equal(b, sound) {
			t.Fatalf("mutation %d is not found", i)
		}
		if i%10 == 0 && err == nil {
			_, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: filepath.Join(outer, "target"), Salvage: true, Overwrite: i%20 == 0})
			if err != nil {
				t.Fatalf("mutation %d: %v", i, err)
			}
			entries, err := os.ReadDir(outer)
			if err != nil || len(entries) != 1 {
				t.Fatalf("mutation %d: there is %v beside the target, error %v", i, entries, err)
			}
			if err := os.RemoveAll(outer); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d of %d mutated archives of %d bytes are refused or reported; the slowest took %v, the largest %d kB of memory", found, mutations(), len(sound), slowest, largest>>10)
	if limit := uint64(32 << 20); largest > limit {
		t.Errorf("an archive of %d bytes took %d bytes of memory", len(sound), largest)
	}
	if slowest > 10*time.Second {
		t.Errorf("an archive of %d bytes took %v", len(sound), slowest)
	}
}

// TestMutatedRecordings archives thousands of mutated recordings and restores them.
func TestMutatedRecordings(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	var originals [][]byte
	for _, c := range recordingtest.Cases() {
		if len(c.Bytes) < 3000 {
			originals = append(originals, c.Bytes)
		}
	}
	originals = append(originals, jobtest.WAV(44100, 24, 2, 50, 1))
	const folder = 100
	for done := 0; done < mutations(); done += folder {
		dir := memoryDir(t)
		for i := range folder {
			writeFile(t, filepath.Join(dir, "dir", fmt.Sprint(i)+".wav"), mutate(random, originals[random.IntN(len(originals))]))
		}
		out := compress(t, engine(), filepath.Join(dir, "dir"))
		if _, report := run(engine(), restoreTo(out, filepath.Join(dir, "back"))); report != "" {
			t.Fatal(report)
		}
		if want, got := contents(t, filepath.Join(dir, "dir")), contents(t, filepath.Join(dir, "back", "dir")); !maps.Equal(want, got) {
			t.Fatalf("restored\n%v\nwant\n%v", got, want)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}
