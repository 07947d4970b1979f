package queue_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trilobyte/app/job/jobtest"
	"trilobyte/app/queue"
)

func TestFilesThatFailAreNamed(t *testing.T) {
	dir := t.TempDir()
	root := album(t, dir, "Album", 2)
	if err := jobtest.Pipe(filepath.Join(root, "01a.wav")); err != nil {
		t.Skip(err)
	}
	q := open(t, config())
	id := q.Add([]string{root})[0]
	j := wait(t, q, id, queue.Failed)
	if j.Failed != 1 || j.ArchiveSize == 0 || !j.Verified {
		t.Fatalf("%+v", j)
	}
	named := false
	for i := range j.Files {
		f, _ := q.FileAt(id, i)
		if f.State == queue.Failed {
			named = f.Name == "Album/01a.wav" && f.Err != ""
		} else if f.State != queue.Done {
			t.Errorf("%s is %s", f.Name, f.State)
		}
	}
	if !named {
		t.Error("the failed file is not named")
	}
	os.Remove(filepath.Join(root, "01a.wav"))
	q.Retry(id)
	j = wait(t, q, id, queue.Done)
	if j.Archive != filepath.Join(dir, "Album (2).trilobyte") {
		t.Errorf("the second archive is %s", j.Archive)
	}
}

func TestWhatIsArchivedAlready(t *testing.T) {
	dir := t.TempDir()
	root := album(t, dir, "Album", 2)
	q := open(t, config())
	first := wait(t, q, q.Add([]string{root})[0], queue.Done)
	before, err := os.ReadFile(first.Archive)
	if err != nil {
		t.Fatal(err)
	}
	again := wait(t, q, q.Add([]string{root})[0], queue.Done)
	if again.Note != queue.NoteArchivedAlready || again.Archive != first.Archive || again.Sizes != first.Sizes || !again.Verified {
		t.Errorf("%+v", again)
	}
	write(t, filepath.Join(root, "new.wav"), jobtest.WAV(8000, 16, 1, 100, 1))
	other := wait(t, q, q.Add([]string{root})[0], queue.Failed)
	if !strings.Contains(other.Err, "exists already") {
		t.Errorf("%+v", other)
	}
	if after, _ := os.ReadFile(first.Archive); !bytes.Equal(before, after) {
		t.Error("the archive was touched")
	}
}

func TestWastebasket(t *testing.T) {
	tests := []struct {
		name   string
		before func(root string) // the job
		want   queue.Note
	}{
		{name: "all is well", want: queue.NoteInWastebasket},
		{name: "a file failed", before: func(root string) {
			if err := jobtest.Pipe(filepath.Join(root, "x.wav")); err != nil {
				t.Skip(err)
			}
		}, want: queue.NoteOriginalsKept},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			root := album(t, dir, "Album", 2)
			if test.before != nil {
				test.before(root)
			}
			var discarded []string
			c := config()
			c.Options.Wastebasket = true
			c.Discard = func(path string) error {
				discarded = append(discarded, path)
				return nil
			}
			q := open(t, c)
			j := wait(t, q, q.Add([]string{root})[0], queue.Done, queue.Failed)
			if j.Note != test.want {
				t.Errorf("%+v", j)
			}
			if moved := slices.Equal(discarded, []string{root}); moved != (test.want == queue.NoteInWastebasket) {
				t.Errorf("moved: %v", discarded)
			}
		})
	}
	t.Run("not verified", func(t *testing.T) {
		c := config()
		c.Options.Wastebasket, c.Options.Verify = true, false
		c.Discard = func(path string) error { t.Error("moved", path); return nil }
		q := open(t, c)
		if j := wait(t, q, q.Add([]string{album(t, t.TempDir(), "Album", 1)})[0], queue.Done); j.Note != "" || j.Verified {
			t.Errorf("%+v", j)
		}
	})
	t.Run("a file comes while it works", func(t *testing.T) {
		root := album(t, t.TempDir(), "Album", 1)
		c := config()
		c.Options.Wastebasket = true
		c.Discard = func(path string) error { t.Error("moved", path); return nil }
		tokens := make(chan struct{})
		c.Engine.Codec = slow(tokens)
		q := open(t, c)
		id := q.Add([]string{root})[0]
		wait(t, q, id, queue.Compressing)
		for {
			if f, _ := q.FileAt(id, 0); f.State == queue.Compressing {
				break
			}
			time.Sleep(time.Millisecond)
		}
		write(t, filepath.Join(root, "late.txt"), []byte("late"))
		close(tokens)
		if j := wait(t, q, id, queue.Done); j.Note != queue.NoteOriginalsKept || !strings.Contains(j.Err, "late.txt") {
			t.Errorf("%+v", j)
		}
	})
}

// TestFilesAreWhatTheirArchiveIs makes sure that a file is done only if its bytes are in an archive that was read back,
// and that what a failed job leaves does not wait for anything.
func TestFilesAreWhatTheirArchiveIs(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(c *queue.Config, archive string)
		job    queue.State
		file   queue.State
	}{
		{"read back", func(*queue.Config, string) {}, queue.Done, queue.Done},
		{"not read back", func(c *queue.Config, _ string) { c.Options.Verify = false }, queue.Done, queue.Archived},
		{"something else is there", func(_ *queue.Config, archive string) { write(t, archive, []byte("else")) }, queue.Failed, queue.LeftOut},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := album(t, t.TempDir(), "Album", 2)
			config := config()
			c.change(&config, root+".trilobyte")
			q := open(t, config)
			id := q.Add([]string{root})[0]
			j := wait(t, q, id, queue.Done, queue.Failed)
			if j.State != c.job {
				t.Errorf("the job is %s: %s", j.State, j.Err)
			}
			for i := range j.Files {
				if f, _ := q.FileAt(id, i); f.State != c.file {
					t.Errorf("%s is %s, want %s", f.Name, f.State, c.file)
				}
			}
		})
	}
}
