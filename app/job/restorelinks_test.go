package job_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// TestRestoringKeepsItsOwnLinks restores links of both kinds into folders from which, at
// the same time, what killed runs have left is removed: the links that are being made have
// names like that for a moment.
func TestRestoringKeepsItsOwnLinks(t *testing.T) {
	source := filepath.Join(t.TempDir(), "Album")
	for i := range 4 {
		dir := filepath.Join(source, fmt.Sprint("c", i), "d")
		first := filepath.Join(source, fmt.Sprint(i, ".wav"))
		writeFile(t, first, jobtest.WAV(8000, 16, 1, 2000, uint64(i)))
		writeFile(t, filepath.Join(dir, "z.wav"), jobtest.WAV(8000, 16, 1, 2000, uint64(10+i)))
		writeFile(t, filepath.Join(dir, "e", "x"), []byte("x"))
		if err := os.Link(first, filepath.Join(dir, "b.wav")); err != nil {
			t.Skip("no hard links here: ", err)
		}
		if err := os.Symlink("z.wav", filepath.Join(dir, "a")); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	out := compress(t, engine(), source)
	for range 20 {
		into := t.TempDir()
		summary, report := run(engine(), restoring(job.RestoreOptions{Archive: out, Dir: into}))
		if summary.Failed > 0 || len(summary.Lacks) > 0 {
			t.Fatalf("failed: %v, lacks %v", report, summary.Lacks)
		}
		for i := range 4 {
			first, err1 := os.Stat(filepath.Join(into, "Album", fmt.Sprint(i, ".wav")))
			second, err2 := os.Stat(filepath.Join(into, "Album", fmt.Sprint("c", i), "d", "b.wav"))
			if err1 != nil || err2 != nil || !os.SameFile(first, second) {
				t.Fatalf("a hard link came back as another file (%v, %v)", err1, err2)
			}
			if _, err := os.Lstat(filepath.Join(into, "Album", fmt.Sprint("c", i), "d", "a")); err != nil {
				t.Fatal(err)
			}
		}
	}
}
