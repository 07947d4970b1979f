package queue_test

import (
	"path/filepath"
	"slices"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/queue"
)

// TestJobsKeepWhatTheyWereGiven changes the options behind jobs: those that were added keep their destination and
// preset, also when they are tried again and after a restart, until they are changed themselves.
func TestJobsKeepWhatTheyWereGiven(t *testing.T) {
	dir := t.TempDir()
	root := album(t, dir, "Album", 1)
	c := config()
	c.Paused = true
	c.Journal = filepath.Join(dir, "queue.jsonl")
	c.Options.Folder, c.Options.Preset = filepath.Join(dir, "first"), "fast"
	c.Presets = map[string]job.Codec{"fast": jobtest.Codec("fast"), "max": jobtest.Codec("max")}
	q := open(t, c)
	id := q.Add([]string{root})[0]
	later := queue.Options{Verify: true, Folder: filepath.Join(dir, "second"), Preset: "max"}
	q.SetOptions(later)
	q.Cancel(id)
	q.Retry(id)
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	c.Options = later
	q = open(t, c)
	q.Start()
	made := func(id queue.ID, folder, preset string) {
		t.Helper()
		j := wait(t, q, id, queue.Done, queue.Failed)
		if want := filepath.Join(dir, folder, "Album.trilobyte"); j.Archive != want || j.Preset != preset {
			t.Errorf("%s with %q, want %s with %q", j.Archive, j.Preset, want, preset)
		}
		coder := c.Presets[preset].Coder
		if model, ok := c.Engine.Model(j.Archive); !ok || model != coder.ID() {
			t.Errorf("%s was made with model %x, want %q, %x", j.Archive, model, preset, coder.ID())
		}
		if q.SetPreset(id, ""); j.State == queue.Done {
			if now, _ := q.Job(id); now.Preset != preset {
				t.Error("a job that is done has another preset now")
			}
		}
	}
	made(id, "first", "fast")

	q.Pause()
	id = q.Add([]string{root})[0]
	q.SetFolder(id, filepath.Join(dir, "third"))
	q.SetPreset(id, "fast")
	q.Start()
	made(id, "third", "fast")

	q.Pause()
	id = q.Add([]string{root})[0]
	q.SetFolder(id, "")
	q.Start()
	made(id, "", "max")
}

// TestTheSameFolderTwice drops a folder while its job is not done: it has one job, and makes one archive.
func TestTheSameFolderTwice(t *testing.T) {
	dir := t.TempDir()
	root := album(t, dir, "Album", 1)
	loose := []string{filepath.Join(root, "00.wav"), filepath.Join(root, "notes.txt")}
	known := make(chan queue.ID, 10)
	tokens := make(chan struct{})
	c := config()
	c.Engine.Codec = slow(tokens)
	c.Options.Jobs = 2
	c.Notify = func(n queue.Notice) {
		if n.Kind == queue.JobKnown {
			known <- n.Job.ID
		}
	}
	q := open(t, c)
	id := q.Add([]string{root, root + string(filepath.Separator)})[0]
	wait(t, q, id, queue.Compressing)
	again := q.Add([]string{root})
	if !slices.Equal(again, []queue.ID{id}) || !slices.Equal(q.IDs(), again) {
		t.Errorf("jobs %v and %v of one folder", again, q.IDs())
	}
	for range 2 {
		if got := <-known; got != id {
			t.Errorf("job %d was told of, want %d", got, id)
		}
	}
	q.Cancel(id)
	wait(t, q, id, queue.Cancelled)
	close(tokens)
	if again := q.Add([]string{root}); !slices.Equal(again, []queue.ID{id}) {
		t.Errorf("a cancelled job of the same folder is not taken up, but %v", again)
	}
	wait(t, q, id, queue.Done)
	if names, err := filepath.Glob(filepath.Join(dir, "*.trilobyte")); err != nil || len(names) != 1 {
		t.Errorf("archives %q, %v", names, err)
	}

	q.Pause()
	first := q.Add(loose)
	slices.Reverse(loose)
	if again := q.Add(loose); !slices.Equal(first, again) {
		t.Errorf("the same files in another order: %v and %v", first, again)
	}
}
