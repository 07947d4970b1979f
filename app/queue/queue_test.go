package queue_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/queue"
	"trilobyte/codec/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// album makes a folder with so many short WAV files and a text.
func album(t *testing.T, dir, name string, files int) string {
	t.Helper()
	root := filepath.Join(dir, name)
	if err := os.MkdirAll(root, 0o777); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		write(t, filepath.Join(root, fmt.Sprintf("%02d.wav", i)), jobtest.WAV(8000, 16, 1, 4000, uint64(i)))
	}
	write(t, filepath.Join(root, "notes.txt"), []byte("recorded at home"))
	return root
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// config is that of a queue that verifies.
func config() queue.Config {
	return queue.Config{
		Engine:  job.Engine{Codec: jobtest.Codec("queue test")},
		Options: queue.Options{Verify: true, Jobs: 1, Workers: 2},
	}
}

func open(t *testing.T, c queue.Config) *queue.Queue {
	t.Helper()
	q, err := queue.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	return q
}

// patience is how long tests wait for what is to come, on the slowest of machines: only what never comes takes so long.
const patience = 2 * time.Minute

// wait waits until a job is in one of the states.
func wait(t *testing.T, q *queue.Queue, id queue.ID, states ...queue.State) queue.Job {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		j, ok := q.Job(id)
		if ok && slices.Contains(states, j.State) {
			return j
		}
		if time.Now().After(deadline) {
			t.Fatalf("the job is %s (%s) and does not become %v", j.State, j.Err, states)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestFolderBecomesVerifiedArchive(t *testing.T) {
	dir := t.TempDir()
	root := album(t, dir, "Album", 3)
	var mu sync.Mutex
	var kinds []queue.NoticeKind
	c := config()
	c.Notify = func(n queue.Notice) {
		mu.Lock()
		defer mu.Unlock()
		kinds = append(kinds, n.Kind)
	}
	q := open(t, c)
	ids := q.Add([]string{root})
	j := wait(t, q, ids[0], queue.Done)
	if j.Files != 4 || !j.Verified || j.Failed != 0 || j.Archive != root+archive.Extension || j.ArchiveSize == 0 {
		t.Errorf("%+v", j)
	}
	if j.Recordings != 3 || j.Others != 1 || j.OthersOriginal != 16 || j.OthersArchived == 0 {
		t.Errorf("totals %+v", j.Totals)
	}
	if j.Sizes.FLAC == 0 || j.Sizes.Original != 3*(44+8000) || j.Sizes.Trilobyte == 0 {
		t.Errorf("sizes %+v", j.Sizes)
	}
	entries, damage, err := c.Engine.List(j.Archive)
	if err != nil || damage != nil {
		t.Fatal(err, damage)
	}
	var want queue.Sizes
	for _, e := range entries {
		if e.FLAC > 0 {
			want.Original += e.Size
			want.FLAC += e.FLAC
			want.Trilobyte += e.File.Compressed
		}
	}
	if o := q.Overview(); o.Sizes != want || j.Sizes != want || o.Fraction != 1 || o.Finished != 1 {
		t.Errorf("overview %+v, sizes of the archive %+v", o, want)
	}
	if points := q.History(); len(points) == 0 || points[len(points)-1].Ratio != float64(want.Trilobyte)/float64(want.FLAC) {
		t.Errorf("history %v does not end at the total", points)
	}
	names := map[string]queue.State{}
	for i := range j.Files {
		f, ok := q.FileAt(ids[0], i)
		if !ok {
			t.Fatal("there is no file", i)
		}
		names[f.Name] = f.State
	}
	for _, name := range []string{"Album/00.wav", "Album/02.wav", "Album/notes.txt"} {
		if names[name] != queue.Done {
			t.Errorf("%s is %q", name, names[name])
		}
	}
	deadline := time.Now().Add(patience)
	wantKinds := []queue.NoticeKind{queue.JobAdded, queue.JobStarted, queue.JobDone, queue.QueueDone}
	for {
		mu.Lock()
		equal := slices.Equal(kinds, wantKinds)
		got := fmt.Sprint(kinds)
		mu.Unlock()
		if equal {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("notices %s, want %v", got, wantKinds)
		}
		time.Sleep(time.Millisecond)
	}
}

// slow is a codec whose coder waits for a token for every segment, and can be
// cancelled.
func slow(tokens chan struct{}) job.Codec {
	c := jobtest.Codec("queue test")
	c.Coder = slowCoder{c.Coder, tokens}
	return c
}

type slowCoder struct {
	stream.SegmentCoder
	tokens chan struct{}
}

func (s slowCoder) Encode(ctx context.Context, samples [][]int32, bits int, progress func(int)) ([]byte, error) {
	select {
	case <-s.tokens:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.SegmentCoder.Encode(ctx, samples, bits, progress)
}

func leftovers(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if strings.Contains(e.Name(), "trilobyte") {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestCancelLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	root := album(t, dir, "Album", 3)
	tokens := make(chan struct{}, 3)
	c := config()
	c.Engine.Codec = slow(tokens)
	c.Options.Workers = 1 // lest another file takes the token
	q := open(t, c)
	ids := q.Add([]string{root, album(t, dir, "Next", 1)})
	tokens <- struct{}{}
	for {
		if f, _ := q.FileAt(ids[0], 0); f.State == queue.Compressed {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if j, _ := q.Job(ids[0]); j.State != queue.Compressing || j.Sizes.FLAC == 0 {
		t.Errorf("at work: %+v", j)
	}
	q.Cancel() // what waits for a token, of which there are no more, ends
	j := wait(t, q, ids[0], queue.Cancelled)
	wait(t, q, ids[1], queue.Cancelled)
	if (j.Sizes != queue.Sizes{}) || (q.Overview().Sizes != queue.Sizes{}) {
		t.Errorf("sizes of what is not kept: %+v, %+v", j.Sizes, q.Overview().Sizes)
	}
	if names := leftovers(t, dir); names != nil {
		t.Errorf("left behind: %v", names)
	}
	close(tokens)
	q.Retry(ids...)
	wait(t, q, ids[0], queue.Done)
	wait(t, q, ids[1], queue.Done)
}

// ticking codes without end until it is cancelled, and reports progress.
type ticking struct{ stream.SegmentCoder }

func (s ticking) Encode(ctx context.Context, samples [][]int32, bits int, progress func(int)) ([]byte, error) {
	for ctx.Err() == nil {
		progress(1)
		time.Sleep(10 * time.Millisecond)
	}
	return nil, ctx.Err()
}

func TestPauseStopsTheWorkersAndCancelEndsThePause(t *testing.T) {
	dir := t.TempDir()
	c := config()
	c.Engine.Codec.Coder = ticking{c.Engine.Codec.Coder}
	q := open(t, c)
	id := q.Add([]string{album(t, dir, "Album", 4)})[0]
	done := func() int64 {
		sum := int64(0)
		for i := range 4 {
			f, _ := q.FileAt(id, i)
			sum += f.Done
		}
		return sum
	}
	for done() == 0 {
		time.Sleep(time.Millisecond)
	}
	q.Pause()
	before := int64(-1)
	for deadline := time.Now().Add(patience); done() != before; time.Sleep(500 * time.Millisecond) { // reports may be on their way
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes went through in a pause", done()-before)
		}
		before = done()
	}
	q.Start()
	for done() == before {
		time.Sleep(time.Millisecond)
	}
	q.Pause()
	q.Cancel(id)
	wait(t, q, id, queue.Cancelled)
}

func TestReorderRemoveClear(t *testing.T) {
	dir := t.TempDir()
	c := config()
	c.Paused = true
	q := open(t, c)
	ids := q.Add([]string{album(t, dir, "A", 1), album(t, dir, "B", 1), album(t, dir, "C", 1)})
	a, b, third := ids[0], ids[1], ids[2]
	version := q.Version()
	q.Move(third, -2)
	if got := q.IDs(); !slices.Equal(got, []queue.ID{third, a, b}) || q.Version() == version {
		t.Errorf("after moving the last one up: %v", got)
	}
	q.Move(third, -1)
	q.Move(a, 100)
	if got := q.IDs(); !slices.Equal(got, []queue.ID{third, b, a}) {
		t.Errorf("after moving one down: %v", got)
	}
	q.Remove(b)
	q.Cancel(a)
	q.Clear()
	if got := q.IDs(); !slices.Equal(got, []queue.ID{third}) {
		t.Errorf("after removing and clearing: %v", got)
	}
	q.Start()
	wait(t, q, third, queue.Done)
	if got := q.Overview(); got.Sizes.FLAC == 0 || got.ArchiveSize == 0 || len(q.History()) == 0 {
		t.Errorf("before it is cleared: %+v", got)
	}
	q.Clear()
	if got := q.Overview(); got.Jobs != 0 || got.Totals != (queue.Totals{}) || got.ArchiveSize != 0 {
		t.Errorf("after all: %+v", got)
	}
	if points := q.History(); len(points) > 0 {
		t.Errorf("jobs that were cleared are in %v", points)
	}
}

func TestOnlyPartOfTheJobsWorkAtOnce(t *testing.T) {
	dir := t.TempDir()
	tokens := make(chan struct{})
	c := config()
	c.Engine.Codec = slow(tokens)
	c.Options.Jobs = 2
	q := open(t, c)
	ids := q.Add([]string{album(t, dir, "A", 1), album(t, dir, "B", 1), album(t, dir, "C", 1)})
	wait(t, q, ids[1], queue.Compressing)
	for {
		if j, _ := q.Job(ids[2]); j.State == queue.Waiting {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if o := q.Overview(); o.Active != 2 || o.Waiting != 1 {
		t.Errorf("%+v", o)
	}
	q.Remove(ids[0]) // in work
	close(tokens)
	wait(t, q, ids[2], queue.Done)
	// The job that was in work goes once its workers have let go of it.
	for end := time.Now().Add(patience); !slices.Equal(q.IDs(), ids[1:]); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%v", q.IDs())
		}
	}
}
