package job_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// forbidden is a disk on which nothing can be done to some files and folders.
func forbidden(names ...string) *disktest.FS {
	return &disktest.FS{Before: func(op disktest.Op) error {
		reading := op.Name == "open" || op.Name == "readdir"
		if reading && slices.Contains(names, filepath.Base(op.Path)) {
			return syscall.EACCES
		}
		return nil
	}}
}

// TestTheArchiveRemembersWhatIsMissing archives what cannot be read.
func TestTheArchiveRemembersWhatIsMissing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
	writeFile(t, filepath.Join(dir, "2.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
	writeFile(t, filepath.Join(dir, "locked", "3.wav"), jobtest.WAV(8000, 16, 1, 500, 3))
	e := engine()
	e.Disk = forbidden("2.wav", "locked")
	out := filepath.Join(t.TempDir(), "out.trilobyte")
	made, report := run(e, compressTo(dir, out))
	if made.Failed != 2 {
		t.Errorf("%d failed: %s", made.Failed, report)
	}
	want := []archive.Missing{
		{Name: "Album/locked", Reason: "what is in this folder could not be looked at: permission denied", Folder: true},
		{Name: "Album/2.wav", Reason: "permission denied"},
	}
	if !slices.Equal(made.Missing, want) {
		t.Errorf("missing are %v, want %v", made.Missing, want)
	}
	e = engine()
	missing, err := e.Missing(out)
	if err != nil || !slices.Equal(missing, want) {
		t.Errorf("the archive says that %v are missing, want %v; %v", missing, want, err)
	}
	verified, report := run(e, func(e *job.Engine) (job.Summary, error) { return e.Verify(context.Background(), out) })
	if !slices.Equal(verified.Missing, want) || report != "" {
		t.Errorf("Verify says that %v are missing, and %q", verified.Missing, report)
	}
	restored, err := e.Restore(context.Background(), job.RestoreOptions{Archive: out, Dir: t.TempDir(), Names: []string{"Album/locked"}})
	if err != nil || !slices.Equal(restored.Missing, want[:1]) {
		t.Errorf("Restore of the folder says that %v are missing; %v", restored.Missing, err)
	}
}

// TestWhatCannotBeLookedAtMayBeAFolder has nothing known of what is in a folder but the
// names.
func TestWhatCannotBeLookedAtMayBeAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(dir, "1.wav"), nil)
	writeFile(t, filepath.Join(dir, "in", "2.wav"), nil)
	writeFile(t, filepath.Join(dir, "3.wav"), nil)
	e := engine()
	e.Disk = &disktest.FS{Before: func(op disktest.Op) error {
		if op.Name == "lstat" && filepath.Dir(op.Path) == dir && filepath.Base(op.Path) != "3.wav" {
			return syscall.EACCES
		}
		return nil
	}}
	made, _ := run(e, compressTo(dir, filepath.Join(t.TempDir(), "out.trilobyte")))
	want := []archive.Missing{{Name: "Album/1.wav", Reason: "permission denied"}, {Name: "Album/in", Reason: "permission denied", Folder: true}}
	if !slices.Equal(made.Missing, want) {
		t.Errorf("missing are %v, want %v", made.Missing, want)
	}
}

// TestWhatIsGoneIsMissingNoMore updates an archive when what was missing is gone from
// the disk, and when nobody knows.
func TestWhatIsGoneIsMissingNoMore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	for _, name := range []string{"1.wav", "2.wav", "in/3.wav", "in/4.wav"} {
		writeFile(t, filepath.Join(dir, name), jobtest.WAV(8000, 16, 1, 500, 1))
	}
	e := engine()
	e.Disk = forbidden("2.wav", "3.wav")
	out := filepath.Join(t.TempDir(), "out.trilobyte")
	if made, _ := run(e, compressTo(dir, out)); len(made.Missing) != 2 {
		t.Fatalf("missing are %v", made.Missing)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, "2.wav")), os.Remove(filepath.Join(dir, "in", "3.wav"))); err != nil {
		t.Fatal(err)
	}
	e.Disk = forbidden("in")
	in := archive.Missing{Name: "Album/in", Reason: "what is in this folder could not be looked at: permission denied", Folder: true, Kept: true}
	three := archive.Missing{Name: "Album/in/3.wav", Reason: "permission denied"}
	summary, _ := run(e, updateTo(dir, out, nil))
	if !slices.Equal(summary.Missing, []archive.Missing{in, three}) || len(summary.Vanished) != 1 || summary.Vanished[0].Name != "Album/2.wav" {
		t.Errorf("missing are %v, gone is %v", summary.Missing, summary.Vanished)
	}
	other := t.TempDir() // says nothing of what is in the first one
	writeFile(t, filepath.Join(other, "Other", "5.wav"), nil)
	summary, report := run(engine(), updateTo(filepath.Join(other, "Other"), out, nil))
	if report != "" || !slices.Equal(summary.Missing, []archive.Missing{in, three}) || len(summary.Vanished) != 0 {
		t.Errorf("%s: missing are %v, gone is %v", report, summary.Missing, summary.Vanished)
	}
	summary, report = run(engine(), updateTo(dir, out, nil))
	if report != "" || len(summary.Missing) != 0 || len(summary.Vanished) != 1 || summary.Vanished[0].Name != "Album/in/3.wav" {
		t.Errorf("%s: missing are %v, gone is %v", report, summary.Missing, summary.Vanished)
	}
	if missing, err := engine().Missing(out); err != nil || len(missing) > 0 {
		t.Errorf("the archive says that %v are missing; %v", missing, err)
	}
}

// TestWhatIsStillMissingIsNotNew updates archives when nothing is new, but some files and
// folders cannot be read still: the archive is left as it is, and it is told what is
// missing. When something of them can be read, it is brought.
func TestWhatIsStillMissingIsNotNew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	for _, name := range []string{"1.wav", "2.wav", "in/3.wav"} {
		writeFile(t, filepath.Join(dir, name), jobtest.WAV(8000, 16, 1, 500, 1))
	}
	out := compress(t, engine(), dir)
	writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 600, 1))
	writeFile(t, filepath.Join(dir, "4.wav"), jobtest.WAV(8000, 16, 1, 700, 1))
	e := engine()
	e.Disk = forbidden("1.wav", "4.wav", "in")
	first, _ := run(e, updateTo(dir, out, nil))
	for _, options := range []func(*job.CompressOptions){nil, verifyingAll} {
		before, err := os.Stat(out)
		if err != nil {
			t.Fatal(err)
		}
		summary, report := run(e, updateTo(dir, out, options))
		if !summary.Idle || summary.Failed != 3 || !slices.Equal(summary.Missing, first.Missing) || len(summary.Missing) != 3 {
			t.Errorf("idle: %v; %d failed, missing are %v, were %v: %s", summary.Idle, summary.Failed, summary.Missing, first.Missing, report)
		}
		if after, err := os.Stat(out); err != nil || !os.SameFile(before, after) {
			t.Errorf("the archive was made anew; %v", err)
		}
	}
	e.Disk = forbidden("1.wav", "in")
	if summary, report := run(e, updateTo(dir, out, nil)); summary.Idle || len(summary.Missing) != 2 {
		t.Errorf("idle: %v, missing are %v: %s", summary.Idle, summary.Missing, report)
	}
	if summary, report := run(engine(), updateTo(dir, out, mirroring)); report != "" || len(summary.Missing) > 0 {
		t.Errorf("missing are %v: %s", summary.Missing, report)
	}
	if err := sameBytes(out, compress(t, engine(), dir)); err != nil {
		t.Error(err)
	}
}

// TestWhatWasNotBroughtIsRead updates archives with checksums when a file or folder cannot be
// read, and then without: sizes and times are the same, but nobody knows the content.
func TestWhatWasNotBroughtIsRead(t *testing.T) {
	for _, secret := range []string{"3.wav", "in"} {
		dir := filepath.Join(t.TempDir(), "Album")
		for _, name := range []string{"1.wav", "in/3.wav"} {
			writeFile(t, filepath.Join(dir, name), jobtest.WAV(8000, 16, 1, 500, 1))
		}
		out := compress(t, engine(), dir)
		writeFile(t, filepath.Join(dir, "in", "3.wav"), jobtest.WAV(8000, 16, 1, 500, 2)) // of the same size and time
		e := engine()
		e.Disk = forbidden(secret)
		first, _ := run(e, updateTo(dir, out, func(o *job.CompressOptions) { o.Checksum = true }))
		if first.Failed != 1 || len(first.Missing) != 1 {
			t.Fatalf("%d failed, missing are %v", first.Failed, first.Missing)
		}
		if summary, report := run(e, updateTo(dir, out, nil)); summary.Failed != 1 || !summary.Idle || !slices.Equal(summary.Missing, first.Missing) {
			t.Errorf("%s: %d failed, idle: %v, missing are %v", report, summary.Failed, summary.Idle, summary.Missing)
		}
		summary, report := run(engine(), updateTo(dir, out, nil))
		if report != "" || len(summary.Missing) > 0 || summary.Kept["Album/in/3.wav"] {
			t.Errorf("%s: missing are %v, kept are %v", report, summary.Missing, summary.Kept)
		}
		if err := sameBytes(out, compress(t, engine(), dir)); err != nil {
			t.Error(err)
		}
	}
}

// TestNothingMissingCostsNothing compares an archive of files with one that is made
// of the same and of what cannot be read.
func TestNothingMissingCostsNothing(t *testing.T) {
	make := func(missing ...archive.Missing) int64 {
		path := filepath.Join(t.TempDir(), "a")
		w, err := archive.Create(disk.OS{}, path, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range missing {
			w.LeaveOut(m)
		}
		if err := w.Finish(nil, true); err != nil {
			t.Fatal(err)
		}
		if err := w.Publish(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if none, one := make(), make(archive.Missing{Name: "abc", Reason: "xyz"}); one-none != 2+2+3+2+3 {
		t.Errorf("an archive of nothing has %d bytes, and %d with a missing file", none, one)
	}
}
