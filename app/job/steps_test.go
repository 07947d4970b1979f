package job_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// stepped changes a folder as changeTree does, and what else files have.
func stepped(t *rapid.T, dir string, clock *time.Time) {
	name := filepath.Join(dir, rapid.SampledFrom(updateFiles).Draw(t, "name"))
	other := filepath.Join(dir, rapid.SampledFrom(updateFiles).Draw(t, "other"))
	*clock = clock.Add(time.Second)
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0:
		os.Chmod(name, 0o755)
	case 1:
		os.Chtimes(name, *clock, *clock)
	case 2:
		if name != other && os.Remove(other) == nil {
			os.Link(name, other)
		}
	case 3:
		os.Link(name, other)
	case 4:
		os.Rename(name, other)
	case 5:
		os.Remove(name)
		os.Symlink(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "target"), name)
	case 6:
		os.RemoveAll(name)
		os.MkdirAll(name, 0o700)
	default:
		changeTree(t, dir, map[string][]byte{}, clock)
	}
}

// TestPlansAreWhatIsDone changes a folder at random, with files and folders that cannot be
// read, and damage in the archive, and compares what an update is said to do with what it
// does. What is tried is the same each time, but in long runs.
func TestPlansAreWhatIsDone(t *testing.T) {
	base := memoryDir(t)
	if !soak {
		fewer(t)
		seed := flag.Lookup("rapid.seed")
		before := seed.Value.String()
		if err := seed.Value.Set("7"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { seed.Value.Set(before) })
	}
	rapid.Check(t, func(t *rapid.T) {
		work, err := os.MkdirTemp(base, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(work)
		dir, out := filepath.Join(work, "Album"), filepath.Join(work, "out")
		writeTree(t, dir)
		clock := time.Unix(1_000_000_000, 5)
		for n := range rapid.IntRange(2, 4).Draw(t, "updates") {
			for range rapid.IntRange(0, 4).Draw(t, "changes") {
				stepped(t, dir, &clock)
			}
			e, all := engine(), rapid.Bool().Draw(t, "all")
			if n > 0 {
				e.Disk = forbidden(rapid.SliceOfN(rapid.SampledFrom([]string{"a.wav", "c", "e", "1.wav", "z.wav"}), 0, 2).Draw(t, "forbidden")...)
				if all && rapid.Bool().Draw(t, "damage") {
					damageAny(t, out)
				}
			}
			o := job.CompressOptions{Paths: []string{dir}, Archive: out, Verify: true, Update: true, VerifyAll: all, Mirror: rapid.IntRange(0, 3).Draw(t, "mirror") == 0}
			before := entriesOf(t, out)
			steps, failures, planErr := e.PlanUpdate(context.Background(), o)
			var failed []job.Failed
			e.Events = func(ev job.Event) {
				if f, ok := ev.(job.Failed); ok {
					failed = append(failed, f)
				}
			}
			summary, err := e.Compress(context.Background(), o)
			if errors.Is(err, job.ErrDamagedBefore) != errors.Is(planErr, job.ErrDamagedBefore) || (err == nil) != (planErr == nil) {
				t.Fatalf("it ended with %v, and was to end with %v", err, planErr)
			}
			if err != nil {
				return
			}
			if got, want := reasons(failed), reasons(failures); !slices.Equal(got, want) {
				t.Fatalf("%q failed, and were to fail: %q", got, want)
			}
			got, want := done(before, entriesOf(t, out), summary, o.Mirror), planned(steps, o.Mirror)
			for _, s := range steps {
				did := job.Action(got[s.Name])
				kept := s.Action == job.Keep || s.Action == job.Retain
				switch {
				case o.Mirror && s.Action == job.Repair && (did == job.Same || did == job.Describe):
					want[s.Name] = string(did) // shares other samples than before, and is not taken over
				case kept && (did == job.Recode || did == job.Describe):
					got[s.Name] = string(job.Same) // but what it refers to, or was a link of, is not there any more
				}
			}
			if !maps.Equal(got, want) {
				t.Fatalf("was done: %v\nwas to be done: %v\nmirror: %v, idle: %v", got, want, o.Mirror, summary.Idle)
			}
		}
	})
}

func reasons(failures []job.Failed) (texts []string) {
	for _, f := range failures {
		texts = append(texts, fmt.Sprintf("%s: %v", f.Name, f.Err))
	}
	slices.Sort(texts)
	return texts
}

// entriesOf returns what is in an archive, or nothing if there is none.
func entriesOf(t *rapid.T, path string) map[string]archive.File {
	files := map[string]archive.File{}
	entries, damage, err := engine().List(path)
	if err != nil && !os.IsNotExist(err) || len(damage) > 0 {
		t.Fatal(err, damage)
	}
	for _, e := range entries {
		files[e.Name] = e.File
	}
	return files
}

// damageAny flips a bit somewhere in what an archive has of the user's.
func damageAny(t *rapid.T, path string) {
	entries := entriesOf(t, path)
	size := int64(0)
	for _, e := range entries {
		size += 30 + int64(len(e.Name)) + e.Compressed
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[rapid.Int64Range(0, size-1).Draw(t, "flipped")] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// planned describes what is to be done, by name, with what can be told afterwards.
func planned(steps []job.Step, mirror bool) map[string]string {
	named := map[string]string{}
	for _, s := range steps {
		switch {
		case strings.Contains(s.Name, "(gone"), s.Action == job.Discard:
			continue // is kept under that name, now or before, or is not there
		case s.Action == job.Keep || s.Action == job.Retain:
			s.Action = job.Same
		case mirror && s.Action == job.Recode:
			s.Action = job.Same
		}
		named[s.Name] = string(s.Action)
	}
	return named
}

// done describes what was done: how the files of two archives differ.
func done(before, after map[string]archive.File, summary job.Summary, mirror bool) map[string]string {
	actions := map[string]string{}
	for name, f := range after {
		old, ok := before[name]
		described := old
		described.Modified, described.Nanoseconds, described.Mode, described.HardLink = f.Modified, f.Nanoseconds, f.Mode, f.HardLink
		described.Attributes, described.Holes, described.Hidden = f.Attributes, f.Holes, f.Hidden
		action := job.Same
		switch {
		case strings.Contains(name, "(gone"):
			continue
		case !ok, kindHere(old.Kind) != kindHere(f.Kind):
			action = job.Add
		case slices.Contains(summary.Repaired, name):
			action = job.Repair
		case old.SHA256 != f.SHA256:
			action = job.Change
		case !summary.Kept[name] && !mirror:
			action = job.Recode
			if old.ModTime() != f.ModTime() {
				action = job.Change // its time told so
			}
		case !reflect.DeepEqual(old, described):
			action = job.Describe
		}
		actions[name] = string(action)
	}
	return actions
}

func kindHere(k archive.Kind) archive.Kind {
	if k == archive.KindRecording {
		return archive.KindFile
	}
	return cmp.Or(k, archive.KindFile)
}

// TestFoldersThatCannotBeReadKeepWhatTheyWere updates an archive when a folder has become
// unreadable: its mode and time are not what they are to come back as.
func TestFoldersThatCannotBeReadKeepWhatTheyWere(t *testing.T) {
	for _, mirror := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "Album")
		for _, name := range []string{"in/1.wav", "in/deeper/2.wav", "3.wav"} {
			writeFile(t, filepath.Join(dir, name), jobtest.WAV(8000, 16, 1, 500, 1))
		}
		locked := filepath.Join(dir, "in")
		if err := os.Chmod(locked, 0o750); err != nil {
			t.Fatal(err)
		}
		out := compress(t, engine(), dir)
		before := describedIn(t, out)
		if err := os.Chmod(locked, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(locked, 0o700) })
		for range 2 {
			e := engine()
			e.Disk = forbidden("in") // root may read anything
			summary, report := run(e, updateTo(dir, out, func(o *job.CompressOptions) { o.Mirror = mirror }))
			if len(summary.Missing) != 1 || !summary.Missing[0].Folder || !summary.Missing[0].Kept || summary.Failed != 1 {
				t.Errorf("%s: missing are %v", report, summary.Missing)
			}
			if after := describedIn(t, out); !maps.Equal(before, after) {
				t.Errorf("the archive has %v, had %v (mirror: %v)", after, before, mirror)
			}
		}
	}
}

// describedIn describes what is in an archive.
func describedIn(t *testing.T, path string) map[string]string {
	t.Helper()
	entries, _, err := engine().List(path)
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]string{}
	for _, e := range entries {
		described[e.Name] = fmt.Sprint(e.Kind, e.Mode, e.ModTime().UnixNano(), e.SHA256)
	}
	return described
}

// TestMirrorsHaveNoFileWhereAPipeIs has a pipe, which cannot be archived, take the place of
// a file that was.
func TestMirrorsHaveNoFileWhereAPipeIs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
	writeFile(t, filepath.Join(dir, "2.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
	out := compress(t, engine(), dir)
	if err := os.Remove(filepath.Join(dir, "1.wav")); err != nil {
		t.Fatal(err)
	}
	if err := jobtest.Pipe(filepath.Join(dir, "1.wav")); err != nil {
		t.Skip(err)
	}
	if summary, _ := run(engine(), updateTo(dir, out, mirroring)); summary.Failed != 1 || len(summary.Missing) != 1 || summary.Missing[0].Kept {
		t.Errorf("missing are %v", summary.Missing)
	}
	anew := filepath.Join(t.TempDir(), "anew")
	run(engine(), compressTo(dir, anew))
	if err := sameBytes(out, anew); err != nil {
		t.Error(err)
	}
}

// TestNamesakesAreRefused names two folders that end in the same name: nothing is begun.
func TestNamesakesAreRefused(t *testing.T) {
	work := t.TempDir()
	writeFile(t, filepath.Join(work, "Tape", "1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
	writeFile(t, filepath.Join(work, "more", "Tape", "2.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
	out := filepath.Join(t.TempDir(), "out.trilobyte")
	for _, update := range []bool{false, true} {
		o := job.CompressOptions{Paths: []string{filepath.Join(work, "Tape"), filepath.Join(work, "more", "Tape")}, Archive: out, Update: update}
		_, err := engine().Compress(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), o.Paths[0]) || !strings.Contains(err.Error(), o.Paths[1]) {
			t.Errorf("it says %v", err)
		}
		if _, _, err := engine().PlanUpdate(t.Context(), o); err == nil {
			t.Error("an update is planned")
		}
		if files, err := os.ReadDir(filepath.Dir(out)); err != nil || len(files) > 0 {
			t.Errorf("there are %v; %v", files, err)
		}
	}
}
