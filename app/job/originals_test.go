package job_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// originals are a folder and a file beside it, and the archive that is to be
// made of them.
type originals struct {
	folder, file, archive string
}

func newOriginals(t *testing.T) originals {
	dir := t.TempDir()
	o := originals{filepath.Join(dir, "Album"), filepath.Join(dir, "single.wav"), filepath.Join(dir, "out.trilobyte")}
	writeFile(t, filepath.Join(o.folder, "1.wav"), jobtest.WAV(8000, 16, 1, 1000, 1))
	writeFile(t, filepath.Join(o.folder, "2.txt"), []byte("text"))
	writeFile(t, o.file, jobtest.WAV(8000, 16, 1, 1000, 2))
	return o
}

func (o originals) paths() []string { return []string{o.folder, o.file} }

// TestOriginalsGoWhenTheArchiveIsVerified has each original discarded once, when
// the archive has its name and is sound.
func TestOriginalsGoWhenTheArchiveIsVerified(t *testing.T) {
	o := newOriginals(t)
	paths := append(o.paths(), filepath.Join(o.folder, "1.wav")) // goes with the folder
	made, err := engine().Compress(context.Background(), job.CompressOptions{Paths: paths, Archive: o.archive, Verify: true})
	if err != nil || !made.Verified {
		t.Fatalf("verified: %v, error %v", made.Verified, err)
	}
	var gone []string
	err = engine().DiscardOriginals(context.Background(), paths, o.archive, made, func(path string) error {
		if summary, err := engine().Verify(context.Background(), o.archive); err != nil || summary.Failed > 0 || len(summary.Files) != 5 {
			t.Errorf("the archive has %d files, %d failed, error %v", len(summary.Files), summary.Failed, err)
		}
		gone = append(gone, path)
		return os.RemoveAll(path)
	})
	if err != nil || !slices.Equal(gone, o.paths()) {
		t.Errorf("error %v, gone: %v", err, gone)
	}
}

// TestOriginalsStay has something in the way of discarding the originals.
func TestOriginalsStay(t *testing.T) {
	cases := map[string]struct {
		paths    func(*testing.T, *originals) []string // what is archived, if that is not all
		noVerify bool
		after    func(*testing.T, originals) // the archive is made
		want     string
	}{
		"not verified": {noVerify: true, want: "not verified"},
		"a file failed": {paths: func(t *testing.T, o *originals) []string {
			return append(o.paths(), filepath.Join(o.folder, "nothing"))
		}, want: "not all files are in the archive"},
		"a file has come": {after: func(t *testing.T, o originals) {
			writeFile(t, filepath.Join(o.folder, "late.wav"), []byte("late"))
		}, want: "Album/late.wav is not in the archive"},
		"a file has gone": {after: func(t *testing.T, o originals) {
			if err := os.Remove(filepath.Join(o.folder, "2.txt")); err != nil {
				t.Fatal(err)
			}
		}, want: "Album/2.txt is only in the archive"},
		"a path has gone": {after: func(t *testing.T, o originals) {
			if err := os.Remove(o.file); err != nil {
				t.Fatal(err)
			}
		}, want: "no such file"},
		"a file has grown": {after: func(t *testing.T, o originals) {
			writeFile(t, filepath.Join(o.folder, "2.txt"), []byte("texts"))
		}, want: "Album/2.txt has changed"},
		"a file was touched": {after: func(t *testing.T, o originals) {
			if err := os.Chtimes(o.file, time.Now(), time.Now()); err != nil {
				t.Fatal(err)
			}
		}, want: "single.wav has changed"},
		"a file became a link": {after: func(t *testing.T, o originals) {
			name := filepath.Join(o.folder, "2.txt")
			if err := errors.Join(os.Remove(name), os.Symlink("1.wav", name)); err != nil {
				t.Fatal(err)
			}
		}, want: "Album/2.txt is not what is in the archive"},
		"the archive is gone": {after: func(t *testing.T, o originals) {
			if err := os.Remove(o.archive); err != nil {
				t.Fatal(err)
			}
		}, want: "no such file"},
		"the archive lies among them": {paths: func(t *testing.T, o *originals) []string {
			o.archive = filepath.Join(o.folder, "sub", "..", "out.trilobyte")
			return o.paths()
		}, want: "the archive lies in"},
		"the archive lies among them, hidden": {paths: func(t *testing.T, o *originals) []string {
			o.archive = filepath.Join(o.folder, ".trilobyte-0123456789abcdef")
			return o.paths()
		}, want: "the archive lies in"},
		"the archive lies among them, through a link": {paths: func(t *testing.T, o *originals) []string {
			way := filepath.Join(t.TempDir(), "way")
			if err := os.Symlink(o.folder, way); err != nil {
				t.Fatal(err)
			}
			o.archive = filepath.Join(way, "out.trilobyte")
			return o.paths()
		}, want: "the archive lies in"},
		"a link leads to them": {paths: func(t *testing.T, o *originals) []string {
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(o.folder, link); err != nil {
				t.Fatal(err)
			}
			return []string{o.file, link}
		}, want: "is a link to what was archived"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := newOriginals(t)
			paths := o.paths()
			if c.paths != nil {
				paths = c.paths(t, &o)
			}
			if err := os.MkdirAll(filepath.Join(o.folder, "sub"), 0o777); err != nil {
				t.Fatal(err)
			}
			made, err := engine().Compress(context.Background(), job.CompressOptions{Paths: paths, Archive: o.archive, Verify: !c.noVerify})
			if err != nil {
				t.Fatal(err)
			}
			if c.after != nil {
				c.after(t, o)
			}
			err = engine().DiscardOriginals(context.Background(), paths, o.archive, made, func(path string) error {
				t.Errorf("%s was discarded", path)
				return nil
			})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "the originals stay where they are") {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestOriginalsStayBehindOneThatCannotGo has discarding fail.
func TestOriginalsStayBehindOneThatCannotGo(t *testing.T) {
	o := newOriginals(t)
	made, err := engine().Compress(context.Background(), job.CompressOptions{Paths: o.paths(), Archive: o.archive, Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	failure := errors.New("failure")
	err = engine().DiscardOriginals(context.Background(), o.paths(), o.archive, made, func(path string) error {
		if path != o.folder {
			t.Errorf("%s was discarded", path)
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("error %v", err)
	}
}

// TestOriginalsStayWhateverFails makes each dealing with the disk fail, from
// the first reading to the last look at the originals. Whenever they may go
// nevertheless, the archive must be sound.
func TestOriginalsStayWhateverFails(t *testing.T) {
	var allowed, refused int
	for n := 0; ; n++ {
		o := newOriginals(t)
		e := engine()
		e.Workers = 1
		reached := false
		e.Disk = &disktest.FS{Before: at(n, func(disktest.Op) error { reached = true; return errors.New("injected") })}
		made, err := e.Compress(context.Background(), job.CompressOptions{Paths: o.paths(), Archive: o.archive, Verify: true})
		if err != nil {
			made.Failed++ // as callers stop here
		}
		err = e.DiscardOriginals(context.Background(), o.paths(), o.archive, made, func(string) error {
			allowed++
			if summary, err := engine().Verify(context.Background(), o.archive); err != nil || summary.Failed > 0 || len(summary.Files) != 4 {
				t.Errorf("fault %d: the originals go, but the archive has %d files, %d failed, error %v", n, len(summary.Files), summary.Failed, err)
			}
			return nil
		})
		if err != nil {
			refused++
		}
		if !reached {
			break
		}
	}
	t.Logf("the originals stayed after %d faults", refused)
	if allowed == 0 || refused < 40 {
		t.Errorf("they stayed after %d faults, and went %d times", refused, allowed)
	}
}
