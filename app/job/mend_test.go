package job_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// TestDamageIsMendedByEqualFiles updates archives of which something is damaged that is
// not on the disk under its name any more, but under another one.
func TestDamageIsMendedByEqualFiles(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(dir string) error
		secret   string // cannot be read
		options  func(*job.CompressOptions)
		repaired []string
	}{
		{"it is moved", func(dir string) error {
			return os.Rename(filepath.Join(dir, "b.wav"), filepath.Join(dir, "in", "z.wav"))
		}, "", verifyingAll, []string{"Album/b.wav", "Album/copy.wav"}},
		{"it is moved to what comes before", func(dir string) error {
			return os.Rename(filepath.Join(dir, "b.wav"), filepath.Join(dir, "a.wav"))
		}, "", verifyingAll, []string{"Album/b.wav", "Album/copy.wav"}},
		{"it is moved, and content is compared", func(dir string) error {
			return os.Rename(filepath.Join(dir, "b.wav"), filepath.Join(dir, "in", "b.wav"))
		}, "", func(o *job.CompressOptions) { o.Checksum, o.VerifyAll = true, true }, []string{"Album/b.wav", "Album/copy.wav"}},
		{"a copy was archived", func(dir string) error { return os.Remove(filepath.Join(dir, "b.wav")) }, "", verifyingAll,
			[]string{"Album/b.wav", "Album/copy.wav"}},
		{"both are moved", func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, "b.wav"), filepath.Join(dir, "in", "b.wav")), os.Remove(filepath.Join(dir, "copy.wav")))
		}, "", verifyingAll, []string{"Album/b.wav", "Album/copy.wav"}},
		{"it cannot be read", nil, "b.wav", verifyingAll, []string{"Album/copy.wav"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "Album")
			b := jobtest.WAV(8000, 16, 1, 3000, 1)
			writeFile(t, filepath.Join(dir, "b.wav"), b)
			writeFile(t, filepath.Join(dir, "copy.wav"), b)
			writeFile(t, filepath.Join(dir, "in", "c.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
			want := filesIn(t, dir)
			out := compress(t, engine(), dir)
			damage(t, out, "Album/b.wav")
			if c.change != nil {
				if err := c.change(dir); err != nil {
					t.Fatal(err)
				}
			}
			maps.Copy(want, filesIn(t, dir))
			e := engine()
			if c.secret != "" {
				e.Disk = forbidden(c.secret)
			}
			o := job.CompressOptions{Paths: []string{dir}, Archive: out, Verify: true, Update: true}
			c.options(&o)
			steps, _, err := e.PlanUpdate(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			var planned []string
			for _, s := range steps {
				if s.Action == job.Repair {
					planned = append(planned, s.Name)
				}
			}
			summary, report := run(e, updateTo(dir, out, c.options))
			if c.secret == "" && report != "" || !summary.Verified {
				t.Fatalf("verified: %v; %s", summary.Verified, report)
			}
			for _, repaired := range [][]string{planned, summary.Repaired} {
				if slices.Sort(repaired); !slices.Equal(repaired, c.repaired) {
					t.Errorf("repaired are %q, want %q", repaired, c.repaired)
				}
			}
			back := t.TempDir()
			if _, report := run(engine(), restoreTo(out, back)); report != "" {
				t.Error(report)
			}
			if got := filesIn(t, filepath.Join(back, "Album")); !maps.EqualFunc(got, want, bytes.Equal) {
				t.Errorf("%v came back, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
			}
			if summary, _ := run(e, updateTo(dir, out, c.options)); !summary.Idle {
				t.Error("the next update had something to do")
			}
		})
	}
}

// TestDamageIsMendedWithWhatRefersToIt moves recordings of which one has samples of the other,
// which is damaged so that it is seen at once. When both are mended, the originals may go.
func TestDamageIsMendedWithWhatRefersToIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	wav := jobtest.WAV(8000, 16, 1, 30000, 1)
	writeFile(t, filepath.Join(dir, "1.wav"), wav)
	writeFile(t, filepath.Join(dir, "2.wav"), slices.Concat(wav[:44], wav[44+8000:], wav[44:44+8000]))
	out := compress(t, engine(), dir)
	damageAt(t, out, "Album/1.wav", 0)
	for _, name := range []string{"1.wav", "2.wav"} {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, "moved "+name)); err != nil {
			t.Fatal(err)
		}
	}
	summary, report := run(engine(), updateTo(dir, out, verifyingAll))
	if report != "" || !slices.Equal(summary.Repaired, []string{"Album/1.wav", "Album/2.wav"}) || !summary.Verified {
		t.Fatalf("repaired are %q, verified: %v: %s", summary.Repaired, summary.Verified, report)
	}
	discard := func(string) error { return nil }
	if err := engine().DiscardOriginals(context.Background(), []string{dir}, out, summary, discard); err != nil {
		t.Error(err)
	}
}

// TestDamageBeyondRepair has an update refused that would lose something, and told what is
// damaged, too, but could be mended.
func TestDamageBeyondRepair(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	for i, name := range []string{"1.wav", "2.wav", "3.wav", "4.wav"} {
		writeFile(t, filepath.Join(dir, name), jobtest.WAV(8000, 16, 1, 3000, uint64(i)))
	}
	out := compress(t, engine(), dir)
	for _, name := range []string{"1.wav", "2.wav", "3.wav"} {
		damage(t, out, "Album/"+name)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, "1.wav")), os.Remove(filepath.Join(dir, "3.wav"))); err != nil {
		t.Fatal(err)
	}
	_, err := updateTo(dir, out, verifyingAll)(engine())
	var damaged *job.DamagedError
	if !errors.As(err, &damaged) || !slices.Equal(damaged.Names, []string{"Album/1.wav", "Album/3.wav"}) || !slices.Equal(damaged.Mendable, []string{"Album/2.wav"}) {
		t.Errorf("the error is %v: %+v", err, damaged)
	}
}
