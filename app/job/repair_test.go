package job_test

import (
	"bytes"
	"errors"
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

// damage flips a bit in the middle of what an archive has of a file.
func damage(t *testing.T, path, name string) {
	t.Helper()
	damageAt(t, path, name, 2.0/3)
}

// damageAt flips a bit at a part of what an archive has of a file: 0 is the header.
func damageAt(t *testing.T, path, name string, part float64) {
	t.Helper()
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	e, err := job.Entry(a, name)
	if err != nil {
		t.Fatal(err)
	}
	compressed, err := e.Compressed()
	if err != nil {
		t.Fatal(err)
	}
	_, start, _ := compressed.Outer()
	b, err := os.ReadFile(path)
	b[start+int64(float64(compressed.Size())*part)] ^= 4
	if err := errors.Join(err, a.Close(), os.WriteFile(path, b, 0o640)); err != nil {
		t.Fatal(err)
	}
}

func verifyingAll(o *job.CompressOptions) { o.VerifyAll = true }

// TestDamageBeforeTheUpdate updates archives that were damaged before, and verifies all:
// what is damaged is compressed anew if it is still there; otherwise the archive stays.
func TestDamageBeforeTheUpdate(t *testing.T) {
	wav := jobtest.WAV(8000, 16, 1, 30000, 1)
	for _, c := range []struct {
		name     string
		damaged  []string
		change   func(dir string) error // before the update
		options  func(*job.CompressOptions)
		repaired []string
		report   string // contained in it
	}{
		{"nothing is new", []string{"1.wav"}, nil, verifyingAll, []string{"Album/1.wav", "Album/3.wav"}, ""},
		{"something is new", []string{"1.wav", "4.txt"}, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "0.wav"), jobtest.WAV(8000, 16, 1, 700, 5), 0o640)
		}, verifyingAll, []string{"Album/1.wav", "Album/3.wav", "Album/4.txt"}, ""},
		{"a text is gone", []string{"4.txt"}, func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "4.txt")), os.WriteFile(filepath.Join(dir, "0.txt"), nil, 0o640))
		}, nil, nil, "Album/4.txt is damaged in the archive, and cannot be read from the disk any more"},
		{"a cut and a copy of it are there", []string{"1.wav"}, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "9.wav"), wav, 0o640)
		}, verifyingAll, []string{"Album/1.wav", "Album/3.wav"}, ""},
		{"a copy is new, and not all is verified", []string{"1.wav"}, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "9.wav"), wav, 0o640)
		}, nil, []string{"Album/1.wav"}, ""},
		{"it is a mirror", []string{"1.wav"}, nil, func(o *job.CompressOptions) { o.Mirror, o.VerifyAll = true, true }, []string{"Album/1.wav", "Album/3.wav"}, ""},
		{"it is gone, and not to be kept", []string{"2.wav"}, func(dir string) error { return os.Remove(filepath.Join(dir, "2.wav")) },
			func(o *job.CompressOptions) { o.Mirror, o.VerifyAll = true, true }, nil, ""},
		{"it is gone", []string{"2.wav"}, func(dir string) error { return os.Remove(filepath.Join(dir, "2.wav")) },
			verifyingAll, nil, "Album/2.wav is damaged in the archive, and cannot be read from the disk any more"},
		{"it is gone, and something is new", []string{"2.wav"}, func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "2.wav")), os.WriteFile(filepath.Join(dir, "0.txt"), nil, 0o640))
		}, verifyingAll, nil, "Album/2.wav is damaged in the archive, and cannot be read from the disk any more"},
		{"it cannot be read", []string{"2.wav"}, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "2.wav"), []byte("changed"), 0o640)
		}, verifyingAll, nil, "Album/2.wav is damaged in the archive, and cannot be read from the disk any more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "Album")
			writeFile(t, filepath.Join(dir, "1.wav"), wav)
			writeFile(t, filepath.Join(dir, "2.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
			writeFile(t, filepath.Join(dir, "3.wav"), slices.Concat(wav[:44], wav[44+8000:], wav[44:44+8000]))
			writeFile(t, filepath.Join(dir, "4.txt"), []byte("some text, stored"))
			out := compress(t, engine(), dir)
			for _, name := range c.damaged {
				damage(t, out, "Album/"+name)
			}
			before, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if c.change != nil {
				if err := c.change(dir); err != nil {
					t.Fatal(err)
				}
			}
			e := engine()
			if c.name == "it cannot be read" {
				e.Disk = forbidden("2.wav")
			}
			summary, report := run(e, updateTo(dir, out, c.options))
			noTemporaries(t, filepath.Dir(out))
			if c.report != "" {
				if !strings.Contains(report, c.report) {
					t.Errorf("it says %q, and not %q", report, c.report)
				}
				if after, err := os.ReadFile(out); err != nil || !bytes.Equal(after, before) {
					t.Errorf("the archive was changed; %v", err)
				}
				return
			}
			if report != "" || !summary.Verified || !slices.Equal(summary.Repaired, c.repaired) {
				t.Errorf("repaired were %q, want %q; verified: %v; %s", summary.Repaired, c.repaired, summary.Verified, report)
			}
			back := t.TempDir()
			if _, report := run(engine(), restoreTo(out, back)); report != "" {
				t.Error(report)
			}
			if got, want := filesIn(t, filepath.Join(back, "Album")), filesIn(t, dir); !maps.EqualFunc(got, want, bytes.Equal) {
				t.Errorf("%v came back, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
			}
		})
	}
}

// TestDamageIsTakenOver updates an archive that was damaged before without verifying
// all: that was not verified, and nobody says so.
func TestDamageIsTakenOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
	out := compress(t, engine(), dir)
	damage(t, out, "Album/1.wav")
	writeFile(t, filepath.Join(dir, "2.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
	if summary, report := run(engine(), updateTo(dir, out, nil)); report != "" || !summary.Verified || summary.Unverified != 1 {
		t.Errorf("%d files are not verified: %s", summary.Unverified, report)
	}
}
