package job_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// copied makes a folder in which files are there several times, and returns its
// path.
func copied(t testing.TB) string {
	t.Helper()
	return copiedOf(t, takeFrames)
}

// copiedOf is copied with a recording of so many frames.
func copiedOf(t testing.TB, frames int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dir")
	take := twoSegments()
	if frames != takeFrames {
		take = jobtest.WAV(8000, 16, 1, frames, 1)
	}
	text := bytes.Repeat([]byte("not much of a text "), 1000)
	other := bytes.Clone(take)
	other[len(other)/3] ^= 1
	for name, content := range map[string][]byte{
		"a.wav": take, "b.wav": take, "d.wav": other, "old/a.wav": take, "old/empty": nil, "z/empty": nil,
		"text.txt": text, "z/text.txt": text,
	} {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), content)
	}
	for link, name := range map[string]string{"c.wav": "b.wav", "z/link.wav": "a.wav", "z/z.txt": "text.txt"} {
		if err := os.Link(filepath.Join(dir, name), filepath.Join(dir, filepath.FromSlash(link))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// holders are which entry has the content of which.
var holders = map[string]string{
	"dir/b.wav": "dir/a.wav", "dir/c.wav": "dir/a.wav", "dir/old/a.wav": "dir/a.wav", "dir/z/link.wav": "dir/a.wav",
	"dir/z/text.txt": "dir/text.txt", "dir/z/z.txt": "dir/text.txt",
}

func TestCopiesAreStoredOnce(t *testing.T) {
	source := copiedOf(t, someFrames())
	archivePath := compress(t, engine(), source)
	entries, damage, err := engine().List(archivePath)
	if err != nil || damage != nil {
		t.Fatal(err, damage)
	}
	links := map[string]string{"dir/c.wav": "dir/b.wav", "dir/z/link.wav": "dir/a.wav", "dir/z/z.txt": "dir/text.txt"}
	byName := map[string]archive.File{}
	for _, e := range entries {
		byName[e.Name] = e.File
		if e.SameAs != holders[e.Name] || e.HardLink != links[e.Name] {
			t.Errorf("%s is the same as %q and linked to %q", e.Name, e.SameAs, e.HardLink)
		}
		if e.SameAs != "" && e.File.Compressed > 8 {
			t.Errorf("%s takes %d bytes", e.Name, e.File.Compressed)
		}
	}
	if a, b := byName["dir/a.wav"], byName["dir/b.wav"]; b.FLAC != a.FLAC || b.Frames != a.Frames || b.PCMMD5 != a.PCMMD5 || b.Kind != a.Kind {
		t.Errorf("the copy of %+v is described as %+v", a, b)
	}

	back := t.TempDir()
	summary, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: archivePath, Dir: back})
	if err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	if want, got := contents(t, source), contents(t, filepath.Join(back, "dir")); !maps.Equal(want, got) {
		t.Errorf("restored\n%v\nwant\n%v", got, want)
	}
	for _, group := range [][]string{{"a.wav", "z/link.wav"}, {"b.wav", "c.wav"}, {"text.txt", "z/z.txt"}, {"old/a.wav"}, {"z/text.txt"}} {
		for name := range contents(t, filepath.Join(back, "dir")) {
			if linked := sameFile(t, filepath.Join(back, "dir", group[0]), filepath.Join(back, "dir", name)); linked != slices.Contains(group, name) {
				t.Errorf("that %s is a hard link to %s is %v", name, group[0], linked)
			}
		}
	}
	noTemporaries(t, back)

	again, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: archivePath, Dir: back})
	if err != nil || again.Failed > 0 || again.There == 0 {
		t.Errorf("restored once more, %d failed, error %v", again.Failed, err)
	}
	over, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: archivePath, Dir: back, Overwrite: true})
	if err != nil || over.Failed > 0 {
		t.Errorf("restored over what is there, %d failed, error %v", over.Failed, err)
	}
	if want, got := contents(t, source), contents(t, filepath.Join(back, "dir")); !maps.Equal(want, got) {
		t.Errorf("restored over what is there\n%v\nwant\n%v", got, want)
	}
	noTemporaries(t, back)
}

func sameFile(t *testing.T, a, b string) bool {
	t.Helper()
	x, err := os.Stat(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.Stat(b)
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(x, y)
}

func TestCopiesWithoutTheirOriginalComeBack(t *testing.T) {
	source := copiedOf(t, someFrames())
	path := compress(t, engine(), source)
	want := contents(t, source)
	for _, names := range [][]string{{"dir/c.wav"}, {"dir/b.wav", "dir/c.wav"}, {"dir/z"}} {
		back := t.TempDir()
		summary, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back, Names: names})
		if err != nil || summary.Failed > 0 || len(summary.Files) == 0 {
			t.Fatalf("%q: %d failed, error %v", names, summary.Failed, err)
		}
		for _, f := range summary.Files {
			if f.Kind == archive.KindFolder {
				continue
			}
			name := strings.TrimPrefix(f.Name, "dir/")
			if got := contents(t, filepath.Join(back, "dir")); got[name] != want[name] {
				t.Errorf("%q: %s came back as %q, want %q", names, name, got[name], want[name])
			}
		}
	}
	exported := t.TempDir()
	summary, err := engine().Export(context.Background(), job.ExportOptions{Archive: path, Dir: exported, Format: job.WAV, Names: []string{"dir/b.wav"}})
	if err != nil || summary.Failed > 0 || len(summary.Files) != 1 {
		t.Errorf("exporting a copy: %d failed, error %v", summary.Failed, err)
	}
}

// TestLinksBecomeCopiesWhereTheDiskHasNone restores to a disk without hard links.
func TestLinksBecomeCopiesWhereTheDiskHasNone(t *testing.T) {
	source := copiedOf(t, someFrames())
	path := compress(t, engine(), source)
	e := engine()
	e.Disk = &disktest.FS{Before: func(op disktest.Op) error {
		if op.Name == "link" {
			return errors.ErrUnsupported
		}
		return nil
	}}
	back := t.TempDir()
	summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back})
	if err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	if want, got := contents(t, source), contents(t, filepath.Join(back, "dir")); !maps.Equal(want, got) {
		t.Errorf("restored\n%v\nwant\n%v", got, want)
	}
	noTemporaries(t, back)
}

func TestDamageIsReportedForAllCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	source := copied(t)
	path := compress(t, engine(), source)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(sound)
	damaged[entryOf(t, path, 1)+1000] ^= 4 // dir/a.wav
	lost := []string{"dir/a.wav", "dir/b.wav", "dir/c.wav", "dir/d.wav", "dir/old/a.wav", "dir/z/link.wav"}
	all := map[string]func(*job.Engine) (job.Summary, error){
		"verify": func(e *job.Engine) (job.Summary, error) { return e.Verify(context.Background(), path) },
		"restore": func(e *job.Engine) (job.Summary, error) {
			return e.Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: t.TempDir()})
		},
		"salvage": func(e *job.Engine) (job.Summary, error) {
			back := t.TempDir()
			summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back, Salvage: true})
			if _, err := os.Stat(filepath.Join(back, "dir", "old", "a (damaged).wav")); err != nil {
				t.Error(err)
			}
			return summary, err
		},
	}
	for name, run := range all {
		e := engine()
		e.Disk = memory{content: damaged}
		var failed []string
		e.Events = func(ev job.Event) {
			f, ok := ev.(job.Failed)
			if !ok {
				return
			}
			if failed = append(failed, f.Name); f.Name == "dir/d.wav" { // has its samples, before and behind one that differs
				failed = slices.Compact(failed)
			}
			why := map[string]string{"dir/a.wav": "", "dir/d.wav": "its samples are those of dir/a.wav: "}
			want, ok := why[f.Name]
			if !ok {
				want = "its content is that of dir/a.wav: "
			}
			if !strings.Contains(f.Err.Error(), want) || !strings.Contains(f.Err.Error(), "segment 1 of 2 is damaged") {
				t.Errorf("%s: %s failed with %v", name, f.Name, f.Err)
			}
		}
		if _, err := run(e); err != nil || !slices.Equal(failed, lost) {
			t.Errorf("%s: %q failed, error %v", name, failed, err)
		}
	}
}

// compressWithout archives a folder, of which a file goes away before it is archived. It returns the names of the files that failed,
// the contents of what is restored, and which files have the content of which others.
func compressWithout(t *testing.T, source, gone string) (failed []string, restored, same map[string]string) {
	t.Helper()
	e := engine()
	e.Disk = &disktest.FS{Before: func(op disktest.Op) error {
		if op.Path == filepath.Join(source, gone) && op.Name == "stat" {
			return fs.ErrNotExist
		}
		return nil
	}}
	e.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			failed = append(failed, filepath.Base(f.Name))
		}
	}
	path := filepath.Join(t.TempDir(), "out.trilobyte")
	if _, err := e.Compress(context.Background(), job.CompressOptions{Paths: []string{source}, Archive: path, Verify: true}); err != nil {
		t.Fatal(err)
	}
	back := t.TempDir()
	summary, err := engine().Restore(context.Background(), job.RestoreOptions{Archive: path, Dir: back})
	if err != nil || summary.Failed > 0 {
		t.Fatalf("%d failed, error %v", summary.Failed, err)
	}
	same = map[string]string{}
	for _, f := range summary.Files {
		same[strings.TrimPrefix(f.Name, "dir/")] = strings.TrimPrefix(f.SameAs, "dir/")
	}
	return failed, contents(t, filepath.Join(back, "dir")), same
}

// TestCopiesOfWhatFails takes the original away before it has been archived.
func TestCopiesOfWhatFails(t *testing.T) {
	source := copiedOf(t, someFrames())
	failed, got, same := compressWithout(t, source, "a.wav")
	if !slices.Contains(failed, "a.wav") || slices.Contains(failed, "b.wav") {
		t.Errorf("%q failed", failed)
	}
	want := contents(t, source)
	for _, name := range []string{"b.wav", "c.wav", "old/a.wav"} {
		if got[name] != want[name] {
			t.Errorf("%s came back as %q, want %q", name, got[name], want[name])
		}
	}
	if same["b.wav"] != "" || same["c.wav"] != "b.wav" || same["old/a.wav"] != "b.wav" {
		t.Errorf("the first that is left is not stored once: %q", same)
	}
}

// interrupted archives a folder, is stopped after so many files, and goes on. It returns the archive, nil if it was not stopped.
func interrupted(t *testing.T, source string, stop int) []byte {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	e := engine()
	done := 0
	e.Events = func(ev job.Event) {
		if d, ok := ev.(job.Done); ok && d.Phase == job.Compressing {
			if done++; done == stop {
				cancel(job.ErrSuspended)
			}
		}
	}
	o := job.CompressOptions{Paths: []string{source}, Archive: filepath.Join(t.TempDir(), "out.trilobyte")}
	if _, err := e.Compress(ctx, o); err == nil {
		return nil
	}
	if _, err := engine().Compress(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(o.Archive)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestCopiesGoOnAfterAnInterruption stops compression after each file.
func TestCopiesGoOnAfterAnInterruption(t *testing.T) {
	source := copiedOf(t, someFrames())
	want, err := os.ReadFile(compress(t, engine(), source))
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() {
		step = 4
	}
	for stop := 1; ; stop += step {
		got := interrupted(t, source, stop)
		if got == nil {
			return
		}
		if !bytes.Equal(got, want) {
			t.Errorf("interrupted after %d files, the archive differs", stop)
		}
	}
}
