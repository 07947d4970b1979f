package job_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// pool is what files may hold: recordings that share samples, copies of each other,
// and other files.
var pool = func() [][]byte {
	long, other := jobtest.WAV(8000, 16, 1, 20_000, 1), jobtest.WAV(8000, 16, 1, 9_000, 2)
	cut := append(jobtest.WAVHeader(1, 8000, 16, 1, 24_000), long[44+4000:][:24_000]...)
	both := append(jobtest.WAVHeader(1, 8000, 16, 1, 2*(8_000+9_000)), slices.Concat(long[44:][:16_000], other[44:])...)
	return [][]byte{
		long, other, cut, both, jobtest.WAV(8000, 8, 1, 300, 3), []byte("text"), bytes.Repeat([]byte("more text "), 500), nil,
		append(slices.Clone(long), "LIST\x04\x00\x00\x00tail"...), negatedWAV(other),
	}
}()

// negatedWAV negates the samples of a recording.
func negatedWAV(wav []byte) []byte {
	wav = slices.Clone(wav)
	for i := 44; i < len(wav); i += 2 {
		binary.LittleEndian.PutUint16(wav[i:], -binary.LittleEndian.Uint16(wav[i:]))
	}
	return wav
}

// updateFiles are the names that files may have; some are folders of others.
var updateFiles = []string{"a.wav", "b.wav", "c/1.wav", "c/2.wav", "c", "d.txt", "e/f/3.wav", "z.wav"}

// changeTree does something to a folder at random, and keeps expected, its files by name.
func changeTree(t *rapid.T, dir string, expected map[string][]byte, clock *time.Time) {
	name := rapid.SampledFrom(updateFiles).Draw(t, "name")
	path := filepath.Join(dir, name)
	switch rapid.IntRange(0, 3).Draw(t, "action") {
	case 0:
		os.RemoveAll(path) // fails where a file is in the place of a folder
	default:
		content := pool[rapid.IntRange(0, len(pool)-1).Draw(t, "content")]
		for parent := filepath.Dir(path); parent != dir; parent = filepath.Dir(parent) {
			if info, err := os.Lstat(parent); err == nil && !info.IsDir() {
				os.Remove(parent)
			}
		}
		os.RemoveAll(path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o640); err != nil {
			t.Fatal(err)
		}
		*clock = clock.Add(time.Second)
		if err := os.Chtimes(path, *clock, *clock); err != nil {
			t.Fatal(err)
		}
	}
	clear(expected)
	maps.Copy(expected, filesIn(t, dir))
}

// filesIn returns the regular files in a folder, by name.
func filesIn(t interface{ Fatal(...any) }, dir string) map[string][]byte {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// comesBack returns what comes out of an archive, after verifying it.
func comesBack(t *rapid.T, path, into string) map[string][]byte {
	if _, report := run(engine(), func(e *job.Engine) (job.Summary, error) { return e.Verify(context.Background(), path) }); report != "" {
		t.Fatalf("verifying: %s", report)
	}
	os.RemoveAll(into)
	if _, report := run(engine(), restoreTo(path, into)); report != "" {
		t.Fatalf("restoring: %s", report)
	}
	return filesIn(t, filepath.Join(into, "Album"))
}

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

// TestUpdatesOfAnything changes a folder again and again, at random, and updates two
// archives: one is to mirror it, and must be what an archive made anew is; the other
// keeps what is gone.
func TestUpdatesOfAnything(t *testing.T) {
	base := memoryDir(t)
	if testing.Short() {
		fewer(t)
	}
	rapid.Check(t, func(t *rapid.T) {
		work, err := os.MkdirTemp(base, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(work)
		dir := filepath.Join(work, "Album")
		writeTree(t, dir)
		clock := time.Unix(1_000_000_000, 5)
		mirror, keeping, now := filepath.Join(work, "mirror"), filepath.Join(work, "keeping"), map[string][]byte{}
		all, replaced := map[string][]byte{}, []string(nil)
		for range rapid.IntRange(1, 4).Draw(t, "updates") {
			for range rapid.IntRange(0, 5).Draw(t, "changes") {
				changeTree(t, dir, now, &clock)
			}
			for _, out := range []string{mirror, keeping} {
				var change func(*job.CompressOptions)
				if out == mirror {
					change = mirroring
				}
				if _, report := run(engine(), updateTo(dir, out, change)); report != "" {
					t.Fatal(report)
				}
			}
			fresh := filepath.Join(work, "fresh")
			os.Remove(fresh)
			if _, report := run(engine(), compressTo(dir, fresh)); report != "" {
				t.Fatal(report)
			}
			if err := sameBytes(mirror, fresh); err != nil {
				t.Fatal(err)
			}
			storedOnce(t, "random", keeping)
			foldersFirst(t, keeping)
			replaced = append(replaced, merge(all, filesIn(t, dir), dir)...)
			got, want := withoutNumbers(comesBack(t, keeping, filepath.Join(work, "back"))), append(withoutNumbers(all), replaced...)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("%q came back, want %q", got, want)
			}
		}
	})
}

// fewer has rapid try fewer cases in a test that is to be short.
func fewer(t *testing.T) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	if err := flag.Set("rapid.checks", "15"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flag.Set("rapid.checks", before) })
}

// merge adds files to all, which are to be kept, and takes away what cannot be beside
// them and the folders, which it returns as it is kept.
func merge(all, files map[string][]byte, dir string) (replaced []string) {
	for name, content := range all {
		for under := name; under != "."; under = filepath.Dir(under) {
			_, isFile := files[under]
			info, err := os.Lstat(filepath.Join(dir, under))
			if under == name && err == nil && info.IsDir() || under != name && isFile {
				delete(all, name)
				replaced = append(replaced, withoutNumbers(map[string][]byte{under + " (gone)" + name[len(under):]: content})...)
			}
		}
	}
	maps.Copy(all, files)
	return replaced
}

// withoutNumbers describes files, but for the numbers of those that are gone.
func withoutNumbers(files map[string][]byte) (described []string) {
	for name, content := range files {
		described = append(described, fmt.Sprintf("%s %x", gone.ReplaceAllString(name, " (gone)"), sha256.Sum256(content)))
	}
	return described
}

var gone = regexp.MustCompile(` \(gone \d+\)`)

func writeTree(t *rapid.T, dir string) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a.wav", "c/1.wav", "d.txt"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, pool[2*i], 0o640); err != nil {
			t.Fatal(err)
		}
	}
}

func sameBytes(a, b string) error {
	one, err := os.ReadFile(a)
	if err != nil {
		return err
	}
	other, err := os.ReadFile(b)
	if err != nil {
		return err
	}
	if !bytes.Equal(one, other) {
		return fmt.Errorf("%s, of %d bytes, differs from %s, of %d bytes", a, len(one), b, len(other))
	}
	return nil
}

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
