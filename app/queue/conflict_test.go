package queue_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/queue"
)

// TestWaysAroundAnArchiveThatIsThere adds a folder again in which one file is new and one is gone.
func TestWaysAroundAnArchiveThatIsThere(t *testing.T) {
	for _, c := range []struct {
		way         queue.Way
		archive     string
		names       []string
		note        queue.Note
		wastebasket bool
	}{
		{way: queue.Update, archive: "Album.trilobyte", names: []string{"Album/00.wav", "Album/01.wav", "Album/new.wav", "Album/notes.txt"}},
		{way: queue.Replace, archive: "Album.trilobyte", names: []string{"Album/01.wav", "Album/new.wav", "Album/notes.txt"}},
		{way: queue.Replace, archive: "Album.trilobyte", names: []string{"Album/01.wav", "Album/new.wav", "Album/notes.txt"}, wastebasket: true, note: queue.NoteOriginalsKept},
		{way: queue.Number, archive: "Album (2).trilobyte", names: []string{"Album/01.wav", "Album/new.wav", "Album/notes.txt"}},
	} {
		t.Run(string(c.way), func(t *testing.T) {
			dir := t.TempDir()
			root := album(t, dir, "Album", 2)
			config := config()
			config.Options.Preset = "max"
			config.Options.Wastebasket = c.wastebasket
			config.Discard = func(string) error { return os.ErrPermission }
			config.Presets = map[string]job.Codec{"max": jobtest.Codec("max")}
			q := open(t, config)
			id := q.Add([]string{root})[0]
			wait(t, q, id, queue.Done)
			q.Clear()
			if err := os.Remove(filepath.Join(root, "00.wav")); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(root, "new.wav"), jobtest.WAV(8000, 16, 1, 100, 1))
			config.Options.Preset = ""
			q.SetOptions(config.Options)

			id = q.Add([]string{root})[0]
			if j := wait(t, q, id, queue.Failed); j.Taken != queue.ByArchive {
				t.Fatalf("%+v", j)
			}
			q.Resolve(id, c.way)
			j := wait(t, q, id, queue.Done, queue.Failed)
			if j.State != queue.Done || !j.Verified || j.Archive != filepath.Join(dir, c.archive) || j.Note != c.note {
				t.Errorf("%+v", j)
			}
			if want := map[queue.Way]string{queue.Update: "max"}[c.way]; j.Preset != want {
				t.Errorf("the preset is %q, want %q", j.Preset, want)
			}
			engine := config.Engine
			entries, damage, err := engine.List(j.Archive)
			if err != nil || damage != nil {
				t.Fatal(err, damage)
			}
			var names []string
			for _, e := range entries {
				if e.Kind != archive.KindFolder {
					names = append(names, e.Name)
				}
			}
			slices.Sort(names)
			if !slices.Equal(names, c.names) {
				t.Errorf("the archive has %q, want %q", names, c.names)
			}
			var done []string
			for i := range j.Files {
				if f, _ := q.FileAt(id, i); f.State == queue.Done {
					done = append(done, f.Name)
				}
			}
			slices.Sort(done)
			if !slices.Equal(done, c.names) {
				t.Errorf("done are %q, want %q", done, c.names)
			}
		})
	}
}

// TestWhatIsNoArchiveIsNeverReplaced has a file of the user's lie where the archive is to be.
func TestWhatIsNoArchiveIsNeverReplaced(t *testing.T) {
	root := album(t, t.TempDir(), "Album", 1)
	own := root + archive.Extension
	write(t, own, []byte("mine"))
	q := open(t, config())
	id := q.Add([]string{root})[0]
	for _, way := range []queue.Way{queue.Make, queue.Update, queue.Replace} {
		if j := wait(t, q, id, queue.Failed); j.Taken != queue.ByOther {
			t.Errorf("%+v", j)
		}
		if q.Resolve(id, way); len(q.IDs()) != 1 {
			t.Error("there is another job")
		}
		if j, _ := q.Job(id); j.State != queue.Failed {
			t.Errorf("%q: %+v", way, j)
		}
	}
	q.Resolve(id, queue.Number)
	wait(t, q, id, queue.Done)
	if content, err := os.ReadFile(own); err != nil || string(content) != "mine" {
		t.Errorf("what was there is %q, %v", content, err)
	}
}

// TestAnUpdateThatFailedInPartIsAnUpdateAgain makes sure that trying again does not begin a second archive.
func TestAnUpdateThatFailedInPartIsAnUpdateAgain(t *testing.T) {
	root := album(t, t.TempDir(), "Album", 1)
	q := open(t, config())
	first := wait(t, q, q.Add([]string{root})[0], queue.Done)
	q.Clear()
	pipe := filepath.Join(root, "pipe.wav")
	if err := jobtest.Pipe(pipe); err != nil {
		t.Skip(err)
	}
	write(t, filepath.Join(root, "new.wav"), jobtest.WAV(8000, 16, 1, 100, 1))
	id := q.Add([]string{root})[0]
	wait(t, q, id, queue.Failed)
	q.Resolve(id, queue.Update)
	if j := wait(t, q, id, queue.Failed); j.Failed != 1 || j.ArchiveSize == 0 {
		t.Errorf("%+v", j)
	}
	if err := os.Remove(pipe); err != nil {
		t.Fatal(err)
	}
	q.Retry(id)
	if j := wait(t, q, id, queue.Done); j.Archive != first.Archive || !j.Verified {
		t.Errorf("%+v", j)
	}
}
