package job_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// TestRestoringFromATornArchive restores twice from an archive whose end is missing: folders
// can be used, and the second time all is there already.
func TestRestoringFromATornArchive(t *testing.T) {
	source := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(source, "in", "1.wav"), jobtest.WAV(8000, 16, 1, 100, 1))
	writeFile(t, filepath.Join(source, "in", "2.txt"), []byte("text"))
	path := compress(t, engine(), source)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, whole[:bytes.Index(whole, []byte(".trilobyte/"))-30])
	into := t.TempDir()
	for there := range 2 {
		summary, report := run(engine(), restoreTo(path, into))
		if summary.There != 2*there || !strings.Contains(report, "its end, with the table of contents, is missing") || strings.Contains(report, job.ErrExists.Error()) {
			t.Errorf("%d were there, want %d: %s", summary.There, 2*there, report)
		}
	}
	got := contents(t, filepath.Join(into, "Album"))
	if len(got) != 4 || got["in"] != "drwxr-xr-x" {
		t.Errorf("there is %v", got)
	}
}

// TestTheBeginningIsMissing cuts off the beginning of an archive: what is behind it comes
// back, and the first file is named as damaged.
func TestTheBeginningIsMissing(t *testing.T) {
	source := filepath.Join(t.TempDir(), "Album")
	for seed, name := range []string{"1.wav", "2.wav", "3.txt"} {
		writeFile(t, filepath.Join(source, name), jobtest.WAV(8000, 16, 1, 40_000>>(5*seed), uint64(seed)))
	}
	path := compress(t, engine(), source)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.Index(whole, []byte("Album/1.wav"))
	second := bytes.Index(whole, []byte("Album/2.wav"))
	writeFile(t, path, whole[(first+second)/2:])
	want := contents(t, source)
	delete(want, "1.wav")
	for _, salvage := range []bool{false, true} {
		into := t.TempDir()
		_, report := run(engine(), restoring(job.RestoreOptions{Archive: path, Dir: into, Salvage: salvage}))
		if !strings.Contains(report, "bytes are missing ("+strconv.Itoa((first+second)/2)+")") ||
			!strings.Contains(report, "Album/1.wav: its compressed data is damaged: its beginning is missing from the archive") || strings.Contains(report, "offset") {
			t.Errorf("salvaging %t: %s", salvage, report)
		}
		if got := contents(t, filepath.Join(into, "Album")); !maps.Equal(got, want) {
			t.Errorf("salvaging %t: there is %v, want %v", salvage, got, want)
		}
	}
}
