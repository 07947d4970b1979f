package job_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// TestUpdatesOfHardLinks gives files more names, and takes some away.
func TestUpdatesOfHardLinks(t *testing.T) {
	for _, mirror := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "Album")
		in := func(name string) string { return filepath.Join(dir, name) }
		link := func(old string, names ...string) {
			for _, name := range names {
				if err := os.Link(in(old), in(name)); err != nil {
					t.Skip(err)
				}
			}
		}
		for i, name := range []string{"1.wav", "3.txt", "00.wav"} {
			writeFile(t, in(name), jobtest.WAV(8000, 16, 1, 500, uint64(i)))
		}
		writeFile(t, in("5.txt"), nil)
		link("1.wav", "2.wav", "7.wav")
		link("3.txt", "4.txt")
		link("5.txt", "6.txt")
		link("00.wav", "01.wav")
		out := compress(t, engine(), dir)
		link("1.wav", "8.wav")
		if mirror { // otherwise what comes first is not known to be one of those behind it
			link("1.wav", "0.wav")
		}
		link("5.txt", "9.txt")
		if err := errors.Join(os.Remove(in("00.wav")), os.Link(in("01.wav"), in("000.wav"))); err != nil {
			t.Fatal(err)
		}
		writeFile(t, in("00.wav"), jobtest.WAV(8000, 16, 1, 500, 7))
		b, err := os.ReadFile(in("7.wav"))
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(in("7.wav"))
		if err == nil {
			err = errors.Join(os.Remove(in("7.wav")), os.WriteFile(in("7.wav"), b, info.Mode()), os.Chtimes(in("7.wav"), info.ModTime(), info.ModTime()))
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, report := run(engine(), updateTo(dir, out, func(o *job.CompressOptions) { o.Mirror = mirror })); report != "" {
			t.Fatal(report)
		}
		back := t.TempDir()
		if _, report := run(engine(), restoreTo(out, back)); report != "" {
			t.Fatal(report)
		}
		for _, group := range [][]string{{"1.wav", "2.wav", "8.wav"}, {"3.txt", "4.txt"}, {"5.txt", "6.txt", "9.txt"}} {
			first, err := os.Stat(filepath.Join(back, "Album", group[0]))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range append(group[1:], "7.wav") {
				if other, err := os.Stat(filepath.Join(back, "Album", name)); err != nil || os.SameFile(first, other) != (name != "7.wav") {
					t.Errorf("%s and %s are the same file, or are not; %v (mirror: %v)", group[0], name, err, mirror)
				}
			}
		}
		if mirror {
			if err := sameBytes(out, compress(t, engine(), dir)); err != nil {
				t.Error(err)
			}
		}
	}
}
