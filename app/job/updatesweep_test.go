package job_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// aged makes of a world one whose archive is of an earlier state of its sources, which
// it returns: some files have changed since, come and gone.
func (w *world) aged(t *testing.T) (old []byte) {
	t.Helper()
	changed, gone := filepath.Join(w.source, "2.wav"), filepath.Join(w.source, "in", "0.wav")
	now, err := os.ReadFile(changed)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, changed, jobtest.WAV(8000, 16, 1, 200, 7))
	writeFile(t, gone, jobtest.WAV(8000, 16, 1, 200, 7)) // is to be brought from the old archive, with a content that is not in the new one
	added, away := filepath.Join(w.source, "in", "3.wav"), filepath.Join(w.dir, "away")
	if err := os.Rename(added, away); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(freshDir(t, w.dir), "out.trilobyte")
	if _, report := run(engine(), compressTo(w.source, out)); report != "" {
		t.Fatal(report)
	}
	if old, err = os.ReadFile(out); err != nil {
		t.Fatal(err)
	}
	writeFile(t, changed, now)
	if err := os.Rename(away, added); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	w.before = contents(t, w.source)
	if w.archive, err = os.ReadFile(compress(t, engine(), w.source)); err != nil {
		t.Fatal(err)
	}
	out = w.outdated(t, old)
	if _, report := run(engine(), updateTo(w.source, out, nil)); report != "" {
		t.Fatal(report)
	}
	if w.keeping, err = os.ReadFile(out); err != nil {
		t.Fatal(err)
	}
	return old
}

// outdated returns the path of an archive that is to be updated, in a folder of its own.
func (w *world) outdated(t *testing.T, old []byte) string {
	t.Helper()
	out := filepath.Join(freshDir(t, w.dir), "out.trilobyte")
	if err := os.WriteFile(out, old, 0o640); err != nil {
		t.Fatal(err)
	}
	return out
}

func keepTo(source, out string) func(*job.Engine) (job.Summary, error) {
	return updateTo(source, out, nil)
}

func mirrorTo(source, out string) func(*job.Engine) (job.Summary, error) {
	return updateTo(source, out, mirroring)
}

// afterUpdate makes sure of what is promised after an update that may have failed, or
// been killed, and that it can be done again.
func (w *world) afterUpdate(t *testing.T, what, out string, old []byte, reported string) {
	t.Helper()
	if after := contents(t, w.source); !maps.Equal(after, w.before) {
		t.Fatalf("%s: the sources have become\n%v", what, after)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("%s: there is no archive any more: %v", what, err)
	}
	sound := [][]byte{old, w.archive, w.keeping}
	if !slices.ContainsFunc(sound, func(s []byte) bool { return bytes.Equal(s, b) }) {
		// It may be one from which something was left out that could not be read.
		if _, report := run(engine(), func(e *job.Engine) (job.Summary, error) { return e.Verify(context.Background(), out) }); report != "" || reported == "" {
			t.Fatalf("%s: the archive is neither the old nor the new one, reported was %q: %s", what, reported, report)
		}
	}
	if _, report := run(engine(), mirrorTo(w.source, out)); report != "" {
		t.Fatalf("%s: the second run: %s", what, report)
	}
	if b, err := os.ReadFile(out); err != nil || !bytes.Equal(b, w.archive) {
		t.Fatalf("%s: the second run made another archive than one without a fault (error %v)", what, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(out)); err != nil || len(entries) != 1 {
		t.Fatalf("%s: the second run left %v, error %v", what, entries, err)
	}
	os.RemoveAll(filepath.Dir(out))
}

// TestEveryFaultOfUpdates has everything that an update does to a disk fail, in each of
// the ways in which it may; or the power.
func TestEveryFaultOfUpdates(t *testing.T) {
	w := newWorld(t)
	old := w.aged(t)
	step := 2
	if soak {
		step = 1
	} else if testing.Short() {
		step = 37
	}
	for _, update := range []func(source, out string) func(*job.Engine) (job.Summary, error){mirrorTo, keepTo} {
		w.faultsOfUpdates(t, update, old, step)
	}
}

// faultsOfUpdates has everything that an update of one kind does to a disk fail, or
// every so many of its dealings with it.
func (w *world) faultsOfUpdates(t *testing.T, update func(source, out string) func(*job.Engine) (job.Summary, error), old []byte, step int) {
	ops := operations(t, func(e *job.Engine) error { _, err := update(w.source, w.outdated(t, old))(e); return err })
	injected := 0
	for n, op := range ops {
		for k, fault := range faultsOf(op) {
			if (n+k)%step != 0 {
				continue
			}
			out := w.outdated(t, old)
			e := engine()
			e.Workers = 1
			e.Disk = &disktest.FS{Before: at(n, func(disktest.Op) error { return fault })}
			_, report := run(e, update(w.source, out))
			what := fmt.Sprintf("operation %d (%s %s) fails with %q", n, op.Name, op.Path, fault)
			if report != "" && !isNamed(report, "small", "0.wav", "1.wav", "2.wav", "3.wav", "4.txt", "5.none", "link", "out.trilobyte") {
				t.Errorf("%s: no file is named in %q", what, report)
			}
			if report != "" && !canBeHelped(report) {
				t.Errorf("%s: nothing is advised in %q", what, report)
			}
			w.afterUpdate(t, what, out, old, report)
			injected++
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	for n := 0; n < len(ops); n += step {
		out := w.outdated(t, old)
		e := engine()
		e.Workers = 1
		e.Disk = powerless(t, n, random)
		_, report := run(e, update(w.source, out))
		w.afterUpdate(t, fmt.Sprintf("the power fails at operation %d of %d of an update", n, len(ops)), out, old, report)
	}
	t.Logf("%d faults were injected, and the power failed %d times", injected, (len(ops)+step-1)/step)
}

// TestUpdatesOfWhatIsNoArchive has another file under the archive's name.
func TestUpdatesOfWhatIsNoArchive(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out.trilobyte")
	writeFile(t, out, []byte("mine"))
	writeFile(t, filepath.Join(dir, "small", "1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
	_, report := run(engine(), updateTo(filepath.Join(dir, "small"), out, nil))
	if !strings.Contains(report, "not a Trilobyte archive") || !strings.Contains(report, "out.trilobyte") {
		t.Errorf("it says %q", report)
	}
	if b, err := os.ReadFile(out); err != nil || string(b) != "mine" {
		t.Errorf("the file became %q, %v", b, err)
	}
}
