package job_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// shared makes a folder in which files have the content, or samples, of others, behind one that shares nothing.
func shared(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dir")
	take := jobtest.WAV(8000, 16, 1, 70_000, 1)
	text := bytes.Repeat([]byte("not much of a text "), 1000)
	for name, content := range map[string][]byte{
		"1 alone.wav": jobtest.WAV(8000, 16, 1, 30_000, 2), "2 take.wav": take, "3 text.txt": text, "4 between.wav": jobtest.WAV(8000, 16, 1, 30_000, 3),
		"5 take.wav": take, "6 cut.wav": wavOf(16, 1, take[2044:]), "7 text.txt": text, "8 last.wav": jobtest.WAV(8000, 16, 1, 1000, 4),
	} {
		writeFile(t, filepath.Join(dir, name), content)
	}
	return dir
}

// restoredFrom restores from an archive that has these bytes. It returns what fails, by name, and what comes back.
func restoredFrom(t *testing.T, content []byte) (failed map[string]string, got map[string]string) {
	t.Helper()
	e, failed := engineFor(content)
	back := t.TempDir()
	if _, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: back}); err != nil {
		t.Fatal(err)
	}
	return failed, contents(t, filepath.Join(back, "dir"))
}

// TestShiftedArchives puts bytes into archives and takes some out, also where the table of contents is damaged or lost: what is whole
// comes back.
func TestShiftedArchives(t *testing.T) {
	source := shared(t)
	path := compress(t, engine(), source)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := contents(t, source)
	first, between := entryOf(t, path, 1), entryOf(t, path, 4)
	directory := bytes.LastIndex(sound, []byte("PK\x01\x02"))
	ends := map[string]func([]byte) []byte{
		"sound": slices.Clone[[]byte],
		"damaged": func(b []byte) []byte {
			b = slices.Clone(b)
			b[directory+20] ^= 1
			return b
		},
		"lost": func(b []byte) []byte { return slices.Clone(b[:bytes.Index(b, []byte("PK\x01\x02"))]) },
	}
	for end, of := range ends {
		for name, c := range map[string]struct {
			change func([]byte) []byte
			lost   []string
		}{
			"front":   {func(b []byte) []byte { return slices.Insert(b, 0, make([]byte, 1000)...) }, nil},
			"more":    {func(b []byte) []byte { return slices.Insert(b, first+1000, 1, 2, 3) }, []string{"1 alone.wav"}},
			"less":    {func(b []byte) []byte { return slices.Delete(b, first+1000, first+1001) }, []string{"1 alone.wav"}},
			"between": {func(b []byte) []byte { return slices.Delete(b, between+1000, between+1600) }, []string{"4 between.wav"}},
			"stray":   {func(b []byte) []byte { return slices.Insert(b, bytes.Index(b, []byte("dir/3 text.txt"))-30, 1, 2, 3) }, nil},
			"both": {func(b []byte) []byte {
				return slices.Insert(slices.Delete(b, between+1000, between+1020), first+1000, make([]byte, 20)...)
			}, []string{"1 alone.wav", "4 between.wav"}},
		} {
			if name == "both" && end == "sound" {
				continue // all that is behind is where it should be
			}
			failed, got := restoredFrom(t, c.change(of(sound)))
			if _, ok := failed[""]; !ok {
				t.Errorf("%s, %s: nothing is said of the archive", end, name)
			}
			delete(failed, "")
			lost := map[string]string{}
			for _, n := range c.lost {
				lost["dir/"+n] = ""
			}
			if !slices.Equal(slices.Sorted(maps.Keys(failed)), slices.Sorted(maps.Keys(lost))) {
				t.Errorf("%s, %s: %q failed", end, name, failed)
			}
			for n, content := range want {
				if !slices.Contains(c.lost, n) && n != "." && got[n] != content {
					t.Errorf("%s, %s: %s comes back as %q", end, name, n, got[n])
				}
			}
		}
	}
}

// TestHeadersLost has bytes missing from the header of an entry, of which nothing else is lost.
func TestHeadersLost(t *testing.T) {
	source := shared(t)
	path := compress(t, engine(), source)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := contents(t, source)
	at := entryOf(t, path, 2) // the one that others refer to
	failed, got := restoredFrom(t, slices.Delete(sound, at-20, at-19))
	if delete(failed, ""); len(failed) > 0 || !maps.Equal(want, got) {
		t.Errorf("%q failed; restored\n%v\nwant\n%v", failed, got, want)
	}
}

// TestDamagedReferences damages each byte of what a copy says of the file whose content it has: that is reported, and the content
// comes back.
func TestDamagedReferences(t *testing.T) {
	path := compress(t, engine(), shared(t))
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const name = "dir/5 take.wav"
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	end := bytes.Index(sound, []byte("dir/6 cut.wav")) - 30
	start := end - int(a.Entries()[5].File.Compressed) // the last one of its bundle
	step := 1
	if testing.Short() {
		step = 3
	}
	for at := start; at < end; at += step {
		damaged := slices.Clone(sound)
		damaged[at] ^= 1
		if failed, _ := restoredFrom(t, damaged); len(failed) > 0 {
			t.Errorf("byte %d: %q failed", at-start, failed)
		}
		e := engine()
		e.Disk = memory{content: damaged}
		var failed []string
		e.Events = func(ev job.Event) {
			if f, ok := ev.(job.Failed); ok {
				failed = append(failed, f.Name+": "+f.Err.Error())
			}
		}
		_, err := e.Verify(context.Background(), path)
		if err != nil || len(failed) != 1 || !strings.HasPrefix(failed[0], name+": ") || !strings.Contains(failed[0], "the content is that of dir/2 take.wav") {
			t.Errorf("byte %d: %q failed, error %v", at-start, failed, err)
		}
	}
}

// TestSalvageOfShiftedRecordings puts bytes into a segment of a recording, or takes some out: the others are saved.
func TestSalvageOfShiftedRecordings(t *testing.T) {
	const frames, segment = 2*262144 + 1000, 135168 // four segments
	original := jobtest.WAV(8000, 8, 1, frames, 1)
	path := filepath.Join(t.TempDir(), "a.wav")
	writeFile(t, path, original)
	made := compress(t, engine(), path)
	sound, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	at := entryOf(t, made, 0) + recordsOf(t, original)[2] + 1000 // in the second one
	torn := sound[:bytes.Index(sound, []byte("PK\x01\x02"))]
	for name, b := range map[string][]byte{
		"more": slices.Insert(slices.Clone(sound), at, 1, 2, 3), "less": slices.Delete(slices.Clone(sound), at, at+2),
		"more, torn": slices.Insert(slices.Clone(torn), at, 1, 2, 3), "less, torn": slices.Delete(slices.Clone(torn), at, at+2),
	} {
		e := engine()
		e.Disk = memory{content: b}
		var failed []string
		e.Events = func(ev job.Event) {
			if f, ok := ev.(job.Failed); ok && f.Name != "" {
				failed = append(failed, f.Err.Error())
			}
		}
		back := t.TempDir()
		if _, err := e.Restore(context.Background(), job.RestoreOptions{Archive: "x", Dir: back, Salvage: true}); err != nil {
			t.Fatal(err)
		}
		if len(failed) != 1 || !strings.Contains(failed[0], "segment 2 of 4") {
			t.Errorf("%s: %q failed", name, failed)
		}
		got, err := os.ReadFile(filepath.Join(back, "a (damaged).wav"))
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(original)
		for i := range segment {
			want[44+segment+i] = 0x80
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: other segments are not saved", name)
		}
	}
}
