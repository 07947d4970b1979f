package job_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// pool is what files may hold: recordings that share samples, copies of each other,
// and other files.
var pool = func() [][]byte {
	long, other := jobtest.WAV(8000, 16, 1, 20_000, 1), jobtest.WAV(8000, 16, 1, 9_000, 2)
	cut := append(jobtest.WAVHeader(1, 8000, 16, 1, 24_000), long[44+4000:][:24_000]...)
	both := append(jobtest.WAVHeader(1, 8000, 16, 1, 2*(8_000+9_000)), slices.Concat(long[44:][:16_000], other[44:])...)
	return [][]byte{
		long, other, cut, both, jobtest.WAV(8000, 8, 1, 300, 3), []byte("text"), bytes.Repeat([]byte("more text "), 500), nil,
		append(slices.Clone(long), "LIST\x04\x00\x00\x00tail"...), negatedWAV(other),
	}
}()

// negatedWAV negates the samples of a recording.
func negatedWAV(wav []byte) []byte {
	wav = slices.Clone(wav)
	for i := 44; i < len(wav); i += 2 {
		binary.LittleEndian.PutUint16(wav[i:], -binary.LittleEndian.Uint16(wav[i:]))
	}
	return wav
}

// updateFiles are the names that files may have; some are folders of others.
var updateFiles = []string{"a.wav", "b.wav", "c/1.wav", "c/2.wav", "c", "d.txt", "e/f/3.wav", "z.wav"}

// changeTree does something to a folder at random, and keeps expected, its files by name.
func changeTree(t *rapid.T, dir string, expected map[string][]byte, clock *time.Time) {
	name := rapid.SampledFrom(updateFiles).Draw(t, "name")
	path := filepath.Join(dir, name)
	switch rapid.IntRange(0, 3).Draw(t, "action") {
	case 0:
		os.RemoveAll(path) // fails where a file is in the place of a folder
	default:
		content := pool[rapid.IntRange(0, len(pool)-1).Draw(t, "content")]
		for parent := filepath.Dir(path); parent != dir; parent = filepath.Dir(parent) {
			if info, err := os.Lstat(parent); err == nil && !info.IsDir() {
				os.Remove(parent)
			}
		}
		os.RemoveAll(path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o640); err != nil {
			t.Fatal(err)
		}
		*clock = clock.Add(time.Second)
		if err := os.Chtimes(path, *clock, *clock); err != nil {
			t.Fatal(err)
		}
	}
	clear(expected)
	maps.Copy(expected, filesIn(t, dir))
}

// filesIn returns the regular files in a folder, by name.
func filesIn(t interface{ Fatal(...any) }, dir string) map[string][]byte {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// comesBack returns what comes out of an archive, after verifying it.
func comesBack(t *rapid.T, path, into string) map[string][]byte {
	if _, report := run(engine(), func(e *job.Engine) (job.Summary, error) { return e.Verify(context.Background(), path) }); report != "" {
		t.Fatalf("verifying: %s", report)
	}
	os.RemoveAll(into)
	if _, report := run(engine(), restoreTo(path, into)); report != "" {
		t.Fatalf("restoring: %s", report)
	}
	return filesIn(t, filepath.Join(into, "Album"))
}

// TestUpdatesOfAnything changes a folder again and again, at random, and updates two
// archives: one is to mirror it, and must be what an archive made anew is; the other
// keeps what is gone.
func TestUpdatesOfAnything(t *testing.T) {
	base := memoryDir(t)
	if testing.Short() {
		fewer(t)
	}
	rapid.Check(t, func(t *rapid.T) {
		work, err := os.MkdirTemp(base, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(work)
		dir := filepath.Join(work, "Album")
		writeTree(t, dir)
		clock := time.Unix(1_000_000_000, 5)
		mirror, keeping, now := filepath.Join(work, "mirror"), filepath.Join(work, "keeping"), map[string][]byte{}
		all, replaced := map[string][]byte{}, []string(nil)
		for range rapid.IntRange(1, 4).Draw(t, "updates") {
			for range rapid.IntRange(0, 5).Draw(t, "changes") {
				changeTree(t, dir, now, &clock)
			}
			for _, out := range []string{mirror, keeping} {
				var change func(*job.CompressOptions)
				if out == mirror {
					change = mirroring
				}
				if _, report := run(engine(), updateTo(dir, out, change)); report != "" {
					t.Fatal(report)
				}
			}
			fresh := filepath.Join(work, "fresh")
			os.Remove(fresh)
			if _, report := run(engine(), compressTo(dir, fresh)); report != "" {
				t.Fatal(report)
			}
			if err := sameBytes(mirror, fresh); err != nil {
				t.Fatal(err)
			}
			storedOnce(t, "random", keeping)
			foldersFirst(t, keeping)
			replaced = append(replaced, merge(all, filesIn(t, dir), dir)...)
			got, want := withoutNumbers(comesBack(t, keeping, filepath.Join(work, "back"))), append(withoutNumbers(all), replaced...)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("%q came back, want %q", got, want)
			}
		}
	})
}

// fewer has rapid try fewer cases in a test that is to be short.
func fewer(t *testing.T) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	if err := flag.Set("rapid.checks", "15"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flag.Set("rapid.checks", before) })
}

// merge adds files to all, which are to be kept, and takes away what cannot be beside
// them and the folders, which it returns as it is kept.
func merge(all, files map[string][]byte, dir string) (replaced []string) {
	for name, content := range all {
		for under := name; under != "."; under = filepath.Dir(under) {
			_, isFile := files[under]
			info, err := os.Lstat(filepath.Join(dir, under))
			if under == name && err == nil && info.IsDir() || under != name && isFile {
				delete(all, name)
				replaced = append(replaced, withoutNumbers(map[string][]byte{under + " (gone)" + name[len(under):]: content})...)
			}
		}
	}
	maps.Copy(all, files)
	return replaced
}

// withoutNumbers describes files, but for the numbers of those that are gone.
func withoutNumbers(files map[string][]byte) (described []string) {
	for name, content := range files {
		described = append(described, fmt.Sprintf("%s %x", gone.ReplaceAllString(name, " (gone)"), sha256.Sum256(content)))
	}
	return described
}

var gone = regexp.MustCompile(` \(gone \d+\)`)

func writeTree(t *rapid.T, dir string) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a.wav", "c/1.wav", "d.txt"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, pool[2*i], 0o640); err != nil {
			t.Fatal(err)
		}
	}
}

func sameBytes(a, b string) error {
	one, err := os.ReadFile(a)
	if err != nil {
		return err
	}
	other, err := os.ReadFile(b)
	if err != nil {
		return err
	}
	if !bytes.Equal(one, other) {
		return fmt.Errorf("%s, of %d bytes, differs from %s, of %d bytes", a, len(one), b, len(other))
	}
	return nil
}
