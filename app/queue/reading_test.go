package queue_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"trilobyte/app/job/jobtest"
	"trilobyte/app/queue"
)

func TestWhatBecomesOneJob(t *testing.T) {
	dir := t.TempDir()
	one := album(t, dir, "One", 1)
	two := album(t, dir, "Two", 2)
	song := filepath.Join(dir, "song.wav")
	write(t, song, jobtest.WAV(8000, 16, 1, 100, 1))
	c := config()
	c.Paused = true
	q := open(t, c)
	ids := q.Add([]string{one, song, filepath.Join(two, "00.wav"), filepath.Join(two, "01.wav"), one})
	var archives []string
	for _, id := range ids {
		j, _ := q.Job(id)
		archives = append(archives, j.Archive)
	}
	want := []string{
		filepath.Join(dir, "One.trilobyte"), filepath.Join(dir, "song.trilobyte"),
		filepath.Join(two, "Two.trilobyte"), filepath.Join(dir, "One.trilobyte"),
	}
	if !slices.Equal(archives, want) {
		t.Errorf("archives %q, want %q", archives, want)
	}
	q.SetOptions(queue.Options{Folder: filepath.Join(dir, "archives")})
	j, _ := q.Job(q.Add([]string{two})[0])
	if j.Archive != filepath.Join(dir, "archives", "Two.trilobyte") {
		t.Errorf("with a folder for archives: %q", j.Archive)
	}
}

func TestWhatCannotBeArchivedIsSaidInPlace(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "Empty")
	os.Mkdir(empty, 0o777)
	q := open(t, config())
	ids := q.Add([]string{empty, filepath.Join(dir, "gone")})
	if j := wait(t, q, ids[0], queue.Failed); !strings.Contains(j.Err, "no recording") {
		t.Errorf("an empty folder: %q", j.Err)
	}
	if j := wait(t, q, ids[1], queue.Failed); !strings.Contains(j.Err, "gone") {
		t.Errorf("a folder that is not there: %q", j.Err)
	}
}

// TestJobsAreReadOnceMoreWhenTheyStart changes a folder between its being added and the start: what has come is archived,
// and what is gone is named as that, in the list, the log, the result and the archive.
func TestJobsAreReadOnceMoreWhenTheyStart(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var told []string
	c := config()
	c.Paused = true
	c.Notify = func(n queue.Notice) {
		mu.Lock()
		defer mu.Unlock()
		if n.Err != "" {
			told = append(told, n.Name+" "+n.Err)
		}
	}
	q := open(t, c)
	root := album(t, dir, "Album", 3)
	id := q.Add([]string{root})[0]
	if j := wait(t, q, id, queue.Waiting); j.Files != 4 {
		t.Fatalf("%+v", j)
	}
	if err := os.Remove(filepath.Join(root, "01.wav")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "late.wav"), jobtest.WAV(8000, 16, 1, 100, 1))
	q.Start()
	j := wait(t, q, id, queue.Failed)
	var shown []string
	for i := range j.Files {
		f, _ := q.FileAt(id, i)
		shown = append(shown, f.Name+" "+string(f.State))
	}
	want := []string{"Album/00.wav done", "Album/01.wav failed", "Album/02.wav done", "Album/late.wav done", "Album/notes.txt done"}
	if !slices.Equal(shown, want) {
		t.Errorf("shown %q, want %q", shown, want)
	}
	if f, _ := q.FileAt(id, 1); f.Err != queue.ErrGone.Error() {
		t.Errorf("what is gone: %+v", f)
	}
	if j.Failed != 1 || j.ArchiveSize == 0 || !j.Verified {
		t.Errorf("%+v", j)
	}
	mu.Lock()
	if want := []string{"Album/01.wav " + queue.ErrGone.Error()}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	mu.Unlock()
	engine := c.Engine
	if missing, err := engine.Missing(j.Archive); err != nil || len(missing) != 1 || missing[0].Name != "Album/01.wav" {
		t.Errorf("the archive misses %v, %v", missing, err)
	}

	// Tried again, the folder is archived as it is now.
	q.Retry(id)
	if j := wait(t, q, id, queue.Done); j.Files != 4 || j.Failed != 0 {
		t.Errorf("tried again: %+v", j)
	}
}

// TestFolderThatGoesBeforeTheStart removes a folder while its job waits: the job fails, and that is the end of the work.
func TestFolderThatGoesBeforeTheStart(t *testing.T) {
	dir := t.TempDir()
	ended := make(chan struct{}, 1)
	c := config()
	c.Paused = true
	c.Notify = func(n queue.Notice) {
		if n.Kind == queue.QueueDone {
			ended <- struct{}{}
		}
	}
	q := open(t, c)
	root := album(t, dir, "Album", 1)
	id := q.Add([]string{root})[0]
	wait(t, q, id, queue.Waiting)
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	q.Start()
	if j := wait(t, q, id, queue.Failed); !strings.Contains(j.Err, root) {
		t.Errorf("%+v", j)
	}
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("the end of the work was not told")
	}
}
