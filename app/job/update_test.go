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
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// updateTo returns a job that updates an archive, or makes it.
func updateTo(source, out string, change func(*job.CompressOptions)) func(*job.Engine) (job.Summary, error) {
	return func(e *job.Engine) (job.Summary, error) {
		o := job.CompressOptions{Paths: []string{source}, Archive: out, Verify: true, Update: true}
		if change != nil {
			change(&o)
		}
		return e.Compress(context.Background(), o)
	}
}

func mirroring(o *job.CompressOptions) { o.Mirror = true }

// TestUpdateReadsOnlyWhatIsNew makes sure that the rest is taken over as it is.
func TestUpdateReadsOnlyWhatIsNew(t *testing.T) {
	dir := album(t)
	out := compress(t, engine(), dir)
	writeFile(t, filepath.Join(dir, "00 new.wav"), jobtest.WAV(8000, 16, 1, 700, 9))
	if err := os.Remove(filepath.Join(dir, "06 tail.wav")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(out, 0o600); err != nil {
		t.Fatal(err)
	}
	e := engine()
	e.Disk = forbidden("01 long.wav", "02 24 bit.wav", "cover.jpg", "note.txt")
	summary, report := run(e, updateTo(dir, out, nil))
	if report != "" || len(summary.Kept) != 15 || !summary.Verified || len(summary.Missing) > 0 {
		t.Fatalf("%s: %d files were kept, verified: %v", report, len(summary.Kept), summary.Verified)
	}
	entries, _, err := engine().List(out)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Kind != archive.KindFolder {
			names = append(names, filepath.Base(e.Name))
		}
	}
	if want := "00 new.wav"; names[0] != want || !slices.Contains(names, "06 tail.wav") {
		t.Errorf("there are %q", names)
	}
	before, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	if before.Mode().Perm() != 0o600 {
		t.Errorf("an archive that was private has the mode %v", before.Mode())
	}
	summary, report = run(engine(), updateTo(dir, out, nil))
	if after, err := os.Stat(out); report != "" || !summary.Idle || err != nil || !os.SameFile(before, after) {
		t.Errorf("%s: an archive that is up to date was made anew, error %v", report, err)
	}
}

// TestWhatCannotBeReadIsKept updates an archive when a file and a folder cannot be
// read, and when they can.
func TestWhatCannotBeReadIsKept(t *testing.T) {
	for _, mirror := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "Album")
		writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
		writeFile(t, filepath.Join(dir, "locked", "3.wav"), jobtest.WAV(8000, 16, 1, 500, 3))
		out := compress(t, engine(), dir)
		if err := os.WriteFile(filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 501, 1), 0o640); err != nil {
			t.Fatal(err)
		}
		e := engine()
		e.Disk = forbidden("1.wav", "locked")
		change := func(o *job.CompressOptions) { o.Mirror = mirror }
		summary, report := run(e, updateTo(dir, out, change))
		if summary.Failed != 2 || len(summary.Kept) != 4 || len(summary.Missing) != 2 {
			t.Errorf("%s: %d failed, kept are %v, missing %v", report, summary.Failed, summary.Kept, summary.Missing)
		}
		if summary, report = run(engine(), updateTo(dir, out, change)); report != "" || len(summary.Missing) > 0 {
			t.Errorf("%s: then are missing %v", report, summary.Missing)
		}
		if missing, err := engine().Missing(out); err != nil || len(missing) > 0 {
			t.Errorf("then the archive says that %v are missing; %v", missing, err)
		}
		if err := sameBytes(out, compress(t, engine(), dir)); err != nil {
			t.Error(err)
		}
	}
}

// TestMirrorsTellWhatTheyRemove has files and links named, and nothing that is kept.
func TestMirrorsTellWhatTheyRemove(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	for _, name := range []string{"1.wav", "2.wav", "in/3.wav"} {
		writeFile(t, filepath.Join(dir, name), jobtest.WAV(8000, 16, 1, 500, 1))
	}
	out := compress(t, engine(), dir)
	if err := errors.Join(os.Remove(filepath.Join(dir, "1.wav")), os.RemoveAll(filepath.Join(dir, "in"))); err != nil {
		t.Fatal(err)
	}
	if summary, report := run(engine(), updateTo(dir, out, nil)); report != "" || len(summary.Removed) > 0 {
		t.Errorf("%s: an update has removed %q", report, summary.Removed)
	}
	if summary, report := run(engine(), updateTo(dir, out, mirroring)); report != "" || !slices.Equal(summary.Removed, []string{"Album/1.wav", "Album/in/3.wav"}) {
		t.Errorf("%s: a mirror has removed %q", report, summary.Removed)
	}
}

// TestChecksumsTell updates an archive after a change that keeps size and time, and
// after one of the time alone.
func TestChecksumsTell(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
	writeFile(t, filepath.Join(dir, "2.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
	out := compress(t, engine(), dir)
	writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 500, 3))
	if summary, report := run(engine(), updateTo(dir, out, nil)); report != "" || !summary.Idle {
		t.Errorf("%s: without checksums, something is new", report)
	}
	later := time.Unix(1_500_000_000, 0)
	if err := os.Chtimes(filepath.Join(dir, "2.wav"), later, later); err != nil {
		t.Fatal(err)
	}
	summary, report := run(engine(), updateTo(dir, out, func(o *job.CompressOptions) { o.Checksum, o.VerifyAll = true, true }))
	if report != "" || summary.Kept["Album/1.wav"] || !summary.Kept["Album/2.wav"] {
		t.Errorf("%s: kept are %v", report, summary.Kept)
	}
	if err := sameBytes(out, compress(t, engine(), dir)); err != nil {
		t.Error(err)
	}
}

// TestLinksToWhatHasChanged adds another name of a file, and a cut of it, whose change
// neither size nor time tells: an update keeps what the file was, and no other file may
// come out as that.
func TestLinksToWhatHasChanged(t *testing.T) {
	for _, mirror := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "Album")
		writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 30000, 1))
		out := compress(t, engine(), dir)
		changed := jobtest.WAV(8000, 16, 1, 30000, 3)
		writeFile(t, filepath.Join(dir, "1.wav"), changed)
		if err := os.Link(filepath.Join(dir, "1.wav"), filepath.Join(dir, "2.wav")); err != nil {
			t.Skip(err)
		}
		writeFile(t, filepath.Join(dir, "3.wav"), slices.Concat(changed[:44], changed[44+8000:], changed[44:44+8000]))
		if _, report := run(engine(), updateTo(dir, out, func(o *job.CompressOptions) { o.Mirror, o.Verify = mirror, false })); report != "" {
			t.Error(report)
		}
		into := t.TempDir()
		if _, report := run(engine(), restoreTo(out, into)); report != "" {
			t.Errorf("%s (mirror: %v)", report, mirror)
		}
		for _, name := range []string{"2.wav", "3.wav"} {
			want, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(filepath.Join(into, "Album", name)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s came back as something else: %v (mirror: %v)", name, err, mirror)
			}
		}
	}
}

// TestSourcesThatAreAway has a folder away whose name is escaped in the archive: what it
// had stays.
func TestSourcesThatAreAway(t *testing.T) {
	dir := t.TempDir()
	away, there := filepath.Join(dir, "A%20B"), filepath.Join(dir, "There")
	writeFile(t, filepath.Join(away, "1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
	writeFile(t, filepath.Join(there, "2.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
	out := filepath.Join(t.TempDir(), "out.trilobyte")
	for _, gone := range []bool{false, true, false} {
		if gone {
			if err := os.Rename(away, away+" hidden"); err != nil {
				t.Fatal(err)
			}
		}
		_, report := run(engine(), updateTo(there, out, func(o *job.CompressOptions) { o.Paths, o.Mirror = []string{away, there}, true }))
		if (report == "") == gone {
			t.Errorf("the report is %q", report)
		}
		entries, _, err := engine().List(out)
		if err != nil || !slices.ContainsFunc(entries, func(e *archive.Entry) bool { return e.Name == "A%2520B/1.wav" }) {
			t.Errorf("what was away is lost: %v, %v", entries, err)
		}
		if gone {
			if err := os.Rename(away+" hidden", away); err != nil {
				t.Fatal(err)
			}
		}
	}
	if missing, err := engine().Missing(out); err != nil || len(missing) > 0 {
		t.Errorf("in the end %v are missing; %v", missing, err)
	}
}

// TestDamagedArchivesAreNotUpdated flips bits of the table of contents, and of what
// would be taken over.
func TestDamagedArchivesAreNotUpdated(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(dir, "1.txt"), []byte("text that is stored"))
	writeFile(t, filepath.Join(dir, "2.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
	sound, err := os.ReadFile(compress(t, engine(), dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "1.txt")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "3.wav"), jobtest.WAV(8000, 16, 1, 500, 3))
	for what, at := range map[string]int{"the table of contents": len(sound) - 150, "an entry that is gone": bytes.Index(sound, []byte("that is stored"))} {
		b := slices.Clone(sound)
		b[at] ^= 1
		out := filepath.Join(t.TempDir(), "out.trilobyte")
		if err := os.WriteFile(out, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, report := run(engine(), updateTo(dir, out, nil)); report == "" {
			t.Errorf("an archive was updated with damage to %s", what)
		}
		if after, err := os.ReadFile(out); err != nil || !bytes.Equal(after, b) {
			t.Errorf("it has changed, with damage to %s; %v", what, err)
		}
		noTemporaries(t, filepath.Dir(out))
	}
}

// TestTheArchiveIsNotPutIntoItself updates one that lies among its sources.
func TestTheArchiveIsNotPutIntoItself(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
	out := filepath.Join(dir, "out.trilobyte")
	for n := range 2 {
		if summary, report := run(engine(), updateTo(dir, out, mirroring)); report != "" || len(summary.Files) != 2 {
			t.Errorf("run %d: %s, %d files", n, report, len(summary.Files))
		}
	}
}

// TestUpdatesWithAnotherModel updates an archive that carries the model that it was made
// with: it can carry one only.
func TestUpdatesWithAnotherModel(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	for i, name := range []string{"1.wav", "2.wav", "3.wav"} {
		writeFile(t, filepath.Join(dir, name), jobtest.WAV(8000, 16, 1, 500, uint64(i)))
	}
	out := compress(t, engine(), dir)
	want := filesIn(t, dir)
	if err := os.Remove(filepath.Join(dir, "2.wav")); err != nil {
		t.Fatal(err)
	}
	other := func() *job.Engine { return &job.Engine{Codec: jobtest.Codec("another model"), Workers: 2} }
	if summary, report := run(other(), updateTo(dir, out, nil)); report != "" || len(summary.Files) != 4 {
		t.Errorf("%s: there are %d files", report, len(summary.Files))
	}
	back := t.TempDir()
	if _, report := run(other(), restoreTo(out, back)); report != "" {
		t.Error(report)
	}
	if got := filesIn(t, filepath.Join(back, "Album")); !maps.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%v came back", slices.Sorted(maps.Keys(got)))
	}
}
