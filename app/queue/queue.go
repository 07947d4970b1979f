package queue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"trilobyte/app/job"
	"trilobyte/app/meter"
)

// Extension is how the names of archives end.
const Extension = ".trilobyte"

// Options are what the user can choose. They hold for jobs that begin later.
type Options struct {
	// Folder is where archives are written to; beside what they are made of if
	// it is "".
	Folder string
	Preset string // one of Config.Presets; if "", archives are made with the engine's codec
	Verify bool   // archives are read again before they get their names
	// Wastebasket has the originals moved to the wastebasket when the archive
	// is verified and every file is in it. It does nothing without Verify.
	Wastebasket bool
	Jobs        int // jobs in work at the same time, at least 1
	Workers     int // tasks at the same time, over all jobs; as many as there are cores if 0
}

// Config is what a queue is made with.
type Config struct {
	Engine  job.Engine           // its Events and Workers are not used
	Presets map[string]job.Codec // the codecs that Options can choose, by name; may be nil
	Options Options
	Journal string       // path of the journal; the queue is not kept if ""
	Notify  func(Notice) // gets one notice at a time, on any goroutine; may be nil
	// Discard moves a file or folder to the wastebasket.
	Discard func(path string) error
	Paused  bool // nothing begins before Start
}

// Queue is the queue. Its methods may be called from any goroutine.
type Queue struct {
	config  Config
	journal *journal
	ctx     context.Context
	cancel  context.CancelCauseFunc
	wg      sync.WaitGroup
	changed chan struct{}
	closing sync.Once
	notices sync.Mutex // Notify is called under it

	mu       sync.Mutex
	options  Options
	jobs     []*entry
	byID     map[ID]*entry
	last     ID
	version  uint64
	paused   bool
	resume   chan struct{} // closed when the pause ends; nil unless paused
	scanning bool
	active   int
	totals   Sizes
	history  history
}

// entry is a job with its files and its work.
type entry struct {
	Job
	files  []File
	index  map[string]int // of files by their names and, while they are compressed, paths
	meter  *meter.Meter   // nil unless active
	cancel context.CancelFunc
	remove bool // when it has ended
	left   bool // an earlier run may have left a part of the archive
}

// New returns the queue, with what the journal has of its last life. Jobs that
// were not finished then wait, and the queue is paused if there are any. The
// error says why the journal cannot be used; the queue then works without.
func New(c Config) (*Queue, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	q := &Queue{
		config: c, options: c.Options, ctx: ctx, cancel: cancel,
		changed: make(chan struct{}, 1), byID: map[ID]*entry{},
	}
	if c.Paused {
		q.pause()
	}
	var err error
	if c.Journal != "" {
		if err = q.load(c.Journal); err != nil {
			err = fmt.Errorf("the queue is not kept this time: %w", err)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.work()
	return q, err
}

// Changed has a value when something has changed since the last one was taken.
func (q *Queue) Changed() <-chan struct{} { return q.changed }

// touch says that something has changed. q.mu is held.
func (q *Queue) touch() {
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// touchList says that jobs or files have come, gone or moved.
func (q *Queue) touchList() {
	q.version++
	q.touch()
}

func (q *Queue) notify(n Notice) {
	if q.config.Notify == nil {
		return
	}
	q.notices.Lock()
	defer q.notices.Unlock()
	q.config.Notify(n)
}

// SetOptions changes the options.
func (q *Queue) SetOptions(o Options) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.options = o
	q.work()
}

// Add adds jobs: one for each folder, one for each single WAV file, and one for
// files that lie in the same folder. Their archives lie where the options say.
// It returns the new jobs.
func (q *Queue) Add(paths []string) []ID {
	q.mu.Lock()
	taken := q.targets()
	var ids []ID
	var added []Job
	var records []record
	for _, group := range groups(paths) {
		q.last++
		e := &entry{Job: Job{
			ID: q.last, Paths: group.paths, State: Reading,
			Archive: freeTarget(q.options.Folder, group, taken), Current: -1,
		}}
		taken[e.Archive] = true
		q.jobs = append(q.jobs, e)
		q.byID[e.ID] = e
		ids = append(ids, e.ID)
		added = append(added, e.Job)
		records = append(records, addRecord(e))
	}
	q.journal.write(records...)
	q.touchList()
	q.work()
	q.mu.Unlock()
	for _, j := range added {
		q.notify(Notice{Kind: JobAdded, Job: j})
	}
	return ids
}

// group is what one job archives.
type group struct {
	paths []string
	dir   string // beside what it is archived
	name  string // of the archive, without extension
}

// groups divides paths into jobs.
func groups(paths []string) []group {
	var result []group
	loose := map[string]int{} // index of the group of a folder's single files
	for _, p := range paths {
		p = filepath.Clean(p)
		dir, base := filepath.Dir(p), filepath.Base(p)
		info, err := os.Stat(p)
		if err != nil || info.IsDir() {
			result = append(result, group{[]string{p}, dir, base})
			continue
		}
		i, ok := loose[dir]
		if !ok {
			loose[dir] = len(result)
			result = append(result, group{[]string{p}, dir, strings.TrimSuffix(base, filepath.Ext(base))})
			continue
		}
		result[i].paths = append(result[i].paths, p)
		result[i].name = filepath.Base(dir)
		if result[i].name == string(filepath.Separator) {
			result[i].name = "Archive"
		}
	}
	return result
}

// targets are the archives that jobs have made or will make.
func (q *Queue) targets() map[string]bool {
	taken := make(map[string]bool, len(q.jobs))
	for _, e := range q.jobs {
		if e.State != Done {
			taken[e.Archive] = true
		}
	}
	return taken
}

// freeTarget returns the archive of a job: one that no other job makes.
func freeTarget(folder string, g group, taken map[string]bool) string {
	if folder == "" {
		folder = g.dir
	}
	target := filepath.Join(folder, g.name+Extension)
	for n := 2; taken[target]; n++ {
		target = filepath.Join(folder, fmt.Sprintf("%s (%d)%s", g.name, n, Extension))
	}
	return target
}

// Start lets work begin or go on.
func (q *Queue) Start() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.paused {
		return
	}
	q.paused = false
	close(q.resume)
	q.resume = nil
	for _, e := range q.jobs {
		if e.meter != nil {
			e.meter.Resume()
		}
	}
	q.history.resume()
	q.work()
	q.touch()
}

// Pause lets all work stand still, within moments, and no other begin.
func (q *Queue) Pause() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pause()
}

func (q *Queue) pause() {
	if q.paused {
		return
	}
	q.paused = true
	q.resume = make(chan struct{})
	for _, e := range q.jobs {
		if e.meter != nil {
			e.meter.Pause()
		}
	}
	q.history.pause()
	q.touch()
}

// stand waits for the end of a pause, or of ctx.
func (q *Queue) stand(ctx context.Context) {
	q.mu.Lock()
	resume := q.resume
	q.mu.Unlock()
	if resume == nil {
		return
	}
	select {
	case <-resume:
	case <-ctx.Done():
	}
}

// Cancel ends jobs that wait or are in work. Nothing remains of what they have
// made. Without ids it ends all of them.
func (q *Queue) Cancel(ids ...ID) {
	for _, n := range q.cancelAll(ids) {
		q.notify(n)
	}
}

func (q *Queue) cancelAll(ids []ID) []Notice {
	q.mu.Lock()
	defer q.mu.Unlock()
	var notices []Notice
	for _, e := range q.chosen(ids) {
		switch {
		case e.State.Active():
			e.State = Cancelling
			e.cancel()
		case e.State == Waiting || e.State == Reading:
			q.end(e, Cancelled, "")
			q.abandon(e)
			notices = append(notices, Notice{Kind: JobCancelled, Job: e.Job})
		}
	}
	q.touch()
	return notices
}

// chosen returns the jobs of the given ids, or all.
func (q *Queue) chosen(ids []ID) []*entry {
	if len(ids) == 0 {
		return slices.Clone(q.jobs)
	}
	var chosen []*entry
	for _, id := range ids {
		if e := q.byID[id]; e != nil {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// Retry lets failed and cancelled jobs wait again.
func (q *Queue) Retry(ids ...ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.chosen(ids) {
		if e.State != Failed && e.State != Cancelled {
			continue
		}
		q.clearSizes(e)
		if e.ArchiveSize > 0 {
			// The archive of what did not fail stays.
			dir, base := filepath.Split(e.Archive)
			g := group{dir: dir, name: strings.TrimSuffix(base, Extension)}
			taken := q.targets()
			e.Archive = freeTarget("", g, taken)
			for exists(e.Archive) {
				taken[e.Archive] = true
				e.Archive = freeTarget("", g, taken)
			}
		}
		e.Job = Job{ID: e.ID, Paths: e.Paths, Archive: e.Archive, State: Reading, Files: e.Files, Size: e.Size, Current: -1}
		q.journal.write(addRecord(e))
	}
	q.work()
	q.touchList()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Remove takes jobs out of the queue. Those in work are cancelled first.
func (q *Queue) Remove(ids ...ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	gone := map[ID]bool{}
	for _, id := range ids {
		e := q.byID[id]
		if e == nil {
			continue
		}
		if e.State.Active() {
			e.remove, e.State = true, Cancelling
			e.cancel()
			continue
		}
		gone[id] = true
		q.abandon(e)
	}
	q.drop(gone)
}

// drop forgets jobs that are not in work.
func (q *Queue) drop(gone map[ID]bool) {
	if len(gone) == 0 {
		q.touch()
		return
	}
	var records []record
	for id := range gone {
		delete(q.byID, id)
		records = append(records, record{Op: opRemove, ID: id})
	}
	q.jobs = slices.DeleteFunc(q.jobs, func(e *entry) bool { return gone[e.ID] })
	q.journal.write(records...)
	q.touchList()
}

// Clear takes the jobs that are done or cancelled out of the queue.
func (q *Queue) Clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	gone := map[ID]bool{}
	for _, e := range q.jobs {
		if e.State == Done || e.State == Cancelled {
			gone[e.ID] = true
		}
	}
	q.drop(gone)
}

// Move moves a job by so many places: up if by is negative.
func (q *Queue) Move(id ID, by int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.jobs, func(e *entry) bool { return e.ID == id })
	if i < 0 {
		return
	}
	to := min(max(i+by, 0), len(q.jobs)-1)
	if to == i {
		return
	}
	e := q.jobs[i]
	q.jobs = slices.Insert(slices.Delete(q.jobs, i, i+1), to, e)
	q.journal.write(record{Op: opOrder, Order: q.order()})
	q.touchList()
}

func (q *Queue) order() []ID {
	ids := make([]ID, len(q.jobs))
	for i, e := range q.jobs {
		ids[i] = e.ID
	}
	return ids
}

// Close ends all work and waits until it has ended. Jobs that are not finished
// are in the journal: they come back, and go on where they were.
func (q *Queue) Close() error {
	q.mu.Lock()
	q.cancel(job.ErrSuspended)
	q.mu.Unlock()
	q.wg.Wait()
	var err error
	q.closing.Do(func() { err = q.journal.close() })
	return err
}

// Version changes whenever jobs or files come, go or move.
func (q *Queue) Version() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.version
}

// IDs returns the jobs, in their order.
func (q *Queue) IDs() []ID {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.order()
}

// Job returns a job as it stands. ok is false if it is no longer in the queue.
func (q *Queue) Job(id ID) (j Job, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if e == nil {
		return Job{}, false
	}
	return e.now(), true
}

func (e *entry) now() Job {
	j := e.Job
	if e.meter != nil {
		j.Progress = e.meter.Reading()
	}
	return j
}

// FileAt returns file i, from 0, of a job. ok is false if it has none such.
func (q *Queue) FileAt(id ID, i int) (f File, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if e == nil || i < 0 || i >= len(e.files) {
		return File{}, false
	}
	return e.files[i], true
}

// Overview returns how the whole queue stands.
func (q *Queue) Overview() Overview {
	q.mu.Lock()
	defer q.mu.Unlock()
	o := Overview{Paused: q.paused, Jobs: len(q.jobs), Active: q.active, Sizes: q.totals}
	var bytes, done, rate float64
	for _, e := range q.jobs {
		size := float64(max(e.Size, 1))
		switch {
		case e.State == Failed:
			o.Failed++
			o.Finished++
		case e.State.Finished():
			o.Finished++
		case e.meter != nil:
			r := e.meter.Reading()
			bytes += size
			done += size * r.Fraction
			rate += size * r.Rate
			o.Speed += r.Speed
			continue
		default:
			o.Waiting++
			bytes += size
			continue
		}
		if e.State == Done {
			o.Done++
			bytes += size
			done += size
		}
	}
	if bytes > 0 {
		o.Fraction = done / bytes
	}
	if rate > 0 {
		o.Left = time.Duration((bytes - done) / rate * float64(time.Second))
	}
	return o
}

// History returns how the comparison has developed, a few hundred points at
// most.
func (q *Queue) History() []Point {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.history.points)
}
