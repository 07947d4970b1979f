package queue_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"trilobyte/app/queue"
	"trilobyte/codec/stream"
)

func TestQueueComesBack(t *testing.T) {
	dir := t.TempDir()
	c := config()
	c.Journal = filepath.Join(dir, "state", "queue.jsonl")
	tokens := make(chan struct{}, 1)
	c.Engine.Codec = slow(tokens)
	q := open(t, c)
	ids := q.Add([]string{album(t, dir, "A", 1), album(t, dir, "B", 1), album(t, dir, "C", 1), album(t, dir, "D", 1), album(t, dir, "E", 1)})
	tokens <- struct{}{}
	first := wait(t, q, ids[0], queue.Done)
	wait(t, q, ids[1], queue.Compressing)
	q.Cancel(ids[2])
	q.Remove(ids[3])
	q.Move(ids[4], -4)

	second, err := queue.New(c)
	if !errors.Is(err, queue.ErrLocked) {
		t.Errorf("a second queue with the same journal: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	// The program is killed: the journal as it is, and its last line torn.
	deadline := time.Now().Add(patience)
	var journal []byte
	for !strings.Contains(string(journal), `"order":[5,`) {
		if time.Now().After(deadline) {
			t.Fatalf("the journal does not say what has happened:\n%s", journal)
		}
		journal, _ = os.ReadFile(c.Journal)
		time.Sleep(time.Millisecond)
	}
	crashed := filepath.Join(dir, "crashed.jsonl")
	write(t, crashed, append(journal, `{"op":"remove","id":`...))
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}

	archive, err := os.Stat(first.Archive)
	if err != nil {
		t.Fatal(err)
	}
	c.Journal = crashed
	close(tokens)
	q = open(t, c)
	if o := q.Overview(); !o.Paused || o.Jobs != 4 || o.Sizes != first.Sizes {
		t.Errorf("%+v", o)
	}
	if got := q.IDs(); !slices.Equal(got, []queue.ID{ids[4], ids[0], ids[1], ids[2]}) {
		t.Errorf("order %v", got)
	}
	j, _ := q.Job(ids[0])
	if j.State != queue.Done || j.Sizes != first.Sizes || j.ArchiveSize != first.ArchiveSize || !j.Verified || j.Files != 2 {
		t.Errorf("%+v came back as %+v", first, j)
	}
	if j, _ := q.Job(ids[2]); j.State != queue.Cancelled {
		t.Errorf("%+v", j)
	}
	q.Start()
	wait(t, q, ids[1], queue.Done)
	wait(t, q, ids[4], queue.Done)
	if again, err := os.Stat(first.Archive); err != nil || !os.SameFile(archive, again) || !again.ModTime().Equal(archive.ModTime()) {
		t.Error("a finished job was done again")
	}
	if next := q.Add([]string{album(t, dir, "F", 1)})[0]; next <= ids[4] {
		t.Errorf("id %d is used again", next)
	}
}

// A closed queue goes on where it was: what is finished is not done again. What
// is cancelled instead leaves nothing.
func TestJobsGoOnWithinTheirArchive(t *testing.T) {
	for _, cancelled := range []bool{false, true} {
		dir := t.TempDir()
		root := album(t, dir, "A", 3)
		c := config()
		c.Journal = filepath.Join(dir, "queue.jsonl")
		c.Options.Workers = 1
		tokens := make(chan struct{}, 2)
		c.Engine.Codec = slow(tokens)
		q := open(t, c)
		id := q.Add([]string{root})[0]
		tokens <- struct{}{}
		tokens <- struct{}{}
		for {
			if f, _ := q.FileAt(id, 1); f.State == queue.Compressed {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
		if len(leftovers(t, dir)) == 0 {
			t.Fatal("what was done is lost")
		}
		encoded := &counting{SegmentCoder: config().Engine.Codec.Coder}
		c.Engine.Codec.Coder = encoded
		q = open(t, c)
		if cancelled {
			q.Cancel(id)
			q.Close()
			if names := leftovers(t, dir); len(names) > 0 {
				t.Errorf("left behind: %v", names)
			}
			continue
		}
		q.Start()
		j := wait(t, q, id, queue.Done)
		if n := encoded.segments.Load(); n != 1 || !j.Verified || j.Sizes.Original != 3*(44+8000) {
			t.Errorf("%d files were compressed, want 1; %+v", n, j)
		}
	}
}

// counting counts the segments that are encoded.
type counting struct {
	stream.SegmentCoder
	segments atomic.Int64
}

func (c *counting) Encode(ctx context.Context, samples [][]int32, bits int, progress func(int)) ([]byte, error) {
	c.segments.Add(1)
	return c.SegmentCoder.Encode(ctx, samples, bits, progress)
}

// A crash between an archive and its entry in the journal.
func TestArchiveThatTheJournalMissed(t *testing.T) {
	dir := t.TempDir()
	root := album(t, dir, "A", 2)
	q := open(t, config())
	first := wait(t, q, q.Add([]string{root})[0], queue.Done)
	c := config()
	c.Journal = filepath.Join(dir, "queue.jsonl")
	write(t, c.Journal, []byte(`{"op":"add","id":7,"paths":["`+root+`"],"archive":"`+first.Archive+`"}`+"\n"))
	q = open(t, c)
	q.Start()
	if j := wait(t, q, 7, queue.Done, queue.Failed); j.State != queue.Done || j.Note != queue.NoteArchivedAlready {
		t.Errorf("%+v", j)
	}
}

func TestDamagedJournals(t *testing.T) {
	for _, content := range []string{
		"", "\x00\x00\x00", "{}\n[]\n", `{"op":"end","id":3,"state":"done"}`, `{"op":"add","id":1}`,
		`{"op":"order","order":[9,9,1]}`, `{"op":"add","id":1,"paths":["/x"],"archive":"/y"}` + "\n" + `{"op":"end","id":1,"state":"flying"}`,
	} {
		c := config()
		c.Journal = filepath.Join(t.TempDir(), "queue.jsonl")
		write(t, c.Journal, []byte(content))
		q := open(t, c)
		if id := q.Add([]string{album(t, t.TempDir(), "A", 1)})[0]; id == 0 {
			t.Error("no id")
		}
	}
}

func TestJournalThatCannotBeKept(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), nil)
	c := config()
	c.Journal = filepath.Join(dir, "file", "queue.jsonl")
	q, err := queue.New(c)
	if err == nil {
		t.Error("no error")
	}
	t.Cleanup(func() { q.Close() })
	wait(t, q, q.Add([]string{album(t, dir, "A", 1)})[0], queue.Done)
}

// BenchmarkAdd reports how long it takes to add a folder of ten thousand files
// until all of them are listed, and what the list costs.
func BenchmarkAdd(b *testing.B) {
	root := filepath.Join(b.TempDir(), "Big")
	os.Mkdir(root, 0o777)
	const files = 10_000
	for i := range files {
		os.WriteFile(filepath.Join(root, strings.Repeat("x", 20)+string(rune('a'+i%26))+time.Duration(i).String()+".wav"), nil, 0o666)
	}
	c := config()
	c.Paused = true
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		q, err := queue.New(c)
		if err != nil {
			b.Fatal(err)
		}
		id := q.Add([]string{root})[0]
		for {
			if j, _ := q.Job(id); j.Files == files {
				break
			}
			time.Sleep(100 * time.Microsecond)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/1e6, "MB")
		q.Close()
	}
}
