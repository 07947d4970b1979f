// Package operation runs one job on its own, beside the queue: restoring,
// verifying or exporting an archive that is being looked at. Whoever shows it
// asks how it stands, and is woken up by Changed.
package operation

import (
	"context"
	"errors"
	"sync"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/progress"
)

// Run does the job, and calls events as job.Engine does.
type Run func(ctx context.Context, events func(job.Event)) (job.Summary, error)

// Operation is a job that is, or was, in work. Its methods may be called from
// any goroutine.
type Operation struct {
	cancel   context.CancelFunc
	progress *progress.Progress
	changed  chan struct{}
	ended    chan struct{}

	mu       sync.Mutex
	status   Status
	failures []Failure
}

// Failure is a file that failed. Name is "" for the archive itself.
type Failure struct {
	Name string
	Err  error
}

// Status is how an operation stands.
type Status struct {
	Progress  progress.Snapshot
	Ended     bool
	Cancelled bool
	Err       error // why it ended early, but for Cancelled
	Files     int   // that went well, without folders; known at the end
	There     int   // of Files, those that were in place already, the same; known at the end
	Failed    int
	// Missing is how much was left out when the archive was made, and Lacks what the
	// files lack that came out of it; known at the end.
	Missing int
	Lacks   []job.Lacking
}

// Start starts an operation of so many phases. It ends by itself or by Cancel.
func Start(phases int, run Run) *Operation {
	ctx, cancel := context.WithCancel(context.Background())
	o := &Operation{cancel: cancel, progress: progress.New(phases), changed: make(chan struct{}, 1), ended: make(chan struct{})}
	go func() {
		defer close(o.ended)
		defer cancel()
		o.end(run(ctx, o.event))
	}()
	return o
}

func (o *Operation) event(ev job.Event) {
	o.progress.Event(ev)
	if f, ok := ev.(job.Failed); ok {
		o.mu.Lock()
		o.failures = append(o.failures, Failure{f.Name, f.Err})
		o.status.Failed++
		o.mu.Unlock()
	}
	o.touch()
}

func (o *Operation) end(summary job.Summary, err error) {
	o.mu.Lock()
	o.status.Ended, o.status.Failed = true, summary.Failed+summary.KeptBack
	o.status.Missing, o.status.Lacks = len(summary.Missing), summary.Lacks
	o.status.There = summary.There
	for _, f := range summary.Files {
		if f.Kind != archive.KindFolder {
			o.status.Files++
		}
	}
	if errors.Is(err, context.Canceled) {
		o.status.Cancelled = true
	} else {
		o.status.Err = err
	}
	o.mu.Unlock()
	o.touch()
}

func (o *Operation) touch() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

// Changed has a value when something has changed since the last one was taken.
func (o *Operation) Changed() <-chan struct{} { return o.changed }

// Status returns how it stands.
func (o *Operation) Status() Status {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.status
	s.Progress = o.progress.Now()
	return s
}

// Failures returns the failures from the given number on.
func (o *Operation) Failures(from int) []Failure {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Failure(nil), o.failures[min(from, len(o.failures)):]...)
}

// Cancel ends the operation, soon.
func (o *Operation) Cancel() { o.cancel() }

// Wait waits until it has ended.
func (o *Operation) Wait() { <-o.ended }
