package queue

import (
	"context"
	"sync"

	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/app/progress"
)

// Options are what the user can choose. Folder and Preset hold for jobs that are
// added later, the others for jobs that begin later.
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
	Engine  job.Engine           // its Events, Gate and Workers are not used; its Disk is the queue's, too
	Presets map[string]job.Codec // the codecs that Options can choose, by name; may be nil
	Options Options
	Journal string       // path of the journal; the queue is not kept if ""
	Notify  func(Notice) // gets one notice at a time, on any goroutine; may be nil
	// Words says in a sentence what an error means, for jobs, files and
	// notices, on any goroutine; error.Error if nil.
	Words func(error) string
	// Discard moves a file or folder to the wastebasket.
	Discard func(path string) error
	Paused  bool // nothing begins before Start
}

// Queue is the queue. Its methods may be called from any goroutine.
type Queue struct {
	config  Config
	disk    disk.FS
	journal *journal
	cancel  context.CancelCauseFunc // ends all goroutines
	wg      sync.WaitGroup          // of them
	toRead  chan struct{}           // wakes the one that reads folders
	toStart chan struct{}           // wakes the one that starts jobs
	changed chan struct{}
	closing sync.Once
	notices notices
	gate    job.Gate // shut in a pause

	mu      sync.Mutex
	options Options
	jobs    []*entry
	byID    map[ID]*entry
	last    ID
	version uint64
	paused  bool
	closed  bool
	active  int
	totals  Totals
	history history
	removed [][]removed // what Undo puts back, the last at the end
}

// entry is a job with its files and its work.
type entry struct {
	Job
	due      bool         // it is read to be started
	sources  *job.Sources // found a moment ago; nil otherwise
	files    []File
	index    map[string]int           // of files by their names and, while they are compressed, paths
	progress *progress.Progress       // nil unless active
	using    func() (gpus, cores int) // of a job in work, or nil: see job.Codec
	cancel   context.CancelFunc
	picture  Picture
	remove   bool // when it has ended
	left     bool // an earlier run may have left a part of the archive
}

// New returns the queue, with what the journal has of its last life. Jobs that
// were not finished then wait, and the queue is paused if there are any. The
// error, a JournalError, says why the journal cannot be used (ErrLocked if another
// queue has it); the queue then works without.
func New(c Config) (*Queue, error) {
	if c.Engine.Disk == nil {
		c.Engine.Disk = disk.OS{}
	}
	if c.Words == nil {
		c.Words = error.Error
	}
	q := &Queue{
		config: c, disk: c.Engine.Disk, options: c.Options,
		toRead: make(chan struct{}, 1), toStart: make(chan struct{}, 1), changed: make(chan struct{}, 1),
		byID: map[ID]*entry{}, notices: notices{tell: c.Notify},
	}
	if c.Paused {
		q.pause()
	}
	var err error
	if c.Journal != "" {
		if err = q.load(c.Journal); err != nil {
			err = &JournalError{err}
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	q.cancel = cancel
	q.wg.Go(func() { q.read(ctx) })
	q.wg.Go(func() { q.work(ctx) })
	q.wake()
	return q, err
}

// wake has the goroutines of the queue look for work.
func (q *Queue) wake() {
	signal(q.toRead)
	signal(q.toStart)
}

// signal leaves a value in a channel that has room for one.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Changed has a value when something has changed since the last one was taken.
func (q *Queue) Changed() <-chan struct{} { return q.changed }

// touch says that something has changed. q.mu is held.
func (q *Queue) touch() { signal(q.changed) }

// touchList says that jobs or files have come, gone or moved.
func (q *Queue) touchList() {
	q.version++
	q.touch()
}

// fault tells that something of the queue itself has gone wrong.
func (q *Queue) fault(err error) {
	q.notices.note(Notice{Kind: QueueFault, Err: q.config.Words(err)})
	q.notices.deliver()
}

// SetOptions changes the options.
func (q *Queue) SetOptions(o Options) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.options = o
	q.wake()
}

// Close ends all work and waits until it has ended. Jobs that are not finished
// are in the journal: they come back, and go on where they were.
func (q *Queue) Close() error {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.cancel(job.ErrSuspended)
	q.wg.Wait()
	var err error
	q.closing.Do(func() { err = q.journal.close() })
	return err
}
