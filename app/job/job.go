// Package job does what the program is for: it makes archives, restores,
// verifies and lists them, and exports what is in them for other programs. The
// command line and the window call the same functions and learn from the same
// events how the work goes on. At a Gate the work stands still.
//
// Compress, Restore, Verify and Export divide their files into tasks (a segment
// of a recording, a block of another file) that pipeline.Ordered runs on all
// cores, in order across all files. One goroutine, the caller's, takes the
// results in that order, hashes them and writes them. So every core is busy with one long
// file as with thousands of short ones, what is in memory is bounded, and the
// result does not depend on the number of workers.
//
// Before a file is divided, it is compared with those before it. One with the same
// content as another becomes an entry that names that one; recordings refer to
// samples that others have. What is found depends on the files and their order alone.
//
// A file that fails is reported and left out; the others go on. Only what makes
// the whole job pointless is returned as an error: that the archive cannot be
// written or read, or that the context was cancelled.
package job

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"sync"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/codec/stream"
)

// Codec is the codec that archives are coded with.
type Codec struct {
	Coder stream.SegmentCoder // of new archives
	Model []byte              // what Coder codes with, to be carried in archives
	// BuiltIn are all models that the program has, by their identity.
	BuiltIn map[[32]byte][]byte
	// Load returns the coder for a model, or an error if that is not a model.
	Load func(model []byte) (stream.SegmentCoder, error)
	// Begin returns who does the tasks of a job over so many bytes of files that has so
	// many cores. If it is nil, the cores do.
	Begin func(bytes int64, cores int) Crew
	// Enter is called by each goroutine that does tasks, before its first one. It may be nil.
	Enter func()
	// Using says who does the tasks now: so many GPUs and so many cores beside them, 0
	// and 0 if the cores do it alone. It may be nil.
	Using func() (gpus, cores int)
}

// Crew is who does the tasks of a job: cores, and what helps them.
type Crew interface {
	// Size is how many tasks are to be in work at the same time.
	Size() int
	// Ahead is how many tasks may be begun, with those in work, before the
	// result of the oldest one is taken.
	Ahead() int
	// Last says that all tasks are in work, or done.
	Last()
	// End comes when no task is in work any more.
	End()
}

// cores is a Crew of so many.
type cores int

func (c cores) Size() int { return int(c) }

// Ahead is as many as a core does while another one is at a long segment: the header of a file is a task, too.
func (c cores) Ahead() int { return 16 * int(c) }
func (cores) Last()        {}
func (cores) End()         {}

// For returns the coder for the model of that name, which something in an archive
// was compressed with: Coder, one that is built in, or that which the archive
// carries. Where the archive's manifest names the whole identity, no other one
// will do.
func (c Codec) For(name stream.ModelName, a *archive.Archive) (stream.SegmentCoder, error) {
	identity, listed := a.ModelID()
	listed = listed && stream.NameOf(identity) == name
	fits := func(id [32]byte) bool { return stream.NameOf(id) == name && (!listed || id == identity) }
	if fits(c.Coder.ID()) {
		return c.Coder, nil
	}
	for id, model := range c.BuiltIn {
		if fits(id) {
			return c.Load(model)
		}
	}
	model, err := a.Model()
	if err != nil {
		return nil, err
	}
	if model == nil || !fits(sha256.Sum256(model)) {
		return nil, ErrNoModel
	}
	coder, err := c.Load(model)
	if err != nil {
		return nil, fmt.Errorf("the model in the archive is not usable: %w", err)
	}
	return coder, nil
}

// coders returns the function that finds the coders for the models of an archive. It
// loads each model once, and may be called by several goroutines.
func (c Codec) coders(a *archive.Archive) func(stream.ModelName) (stream.SegmentCoder, error) {
	var mu sync.Mutex
	loaded := map[stream.ModelName]stream.SegmentCoder{}
	return func(name stream.ModelName) (stream.SegmentCoder, error) {
		mu.Lock()
		defer mu.Unlock()
		if coder := loaded[name]; coder != nil {
			return coder, nil
		}
		coder, err := c.For(name, a)
		if err != nil {
			return nil, err
		}
		loaded[name] = coder
		return coder, nil
	}
}

// Engine is what all jobs share. The zero value is not usable: Codec must be
// set.
type Engine struct {
	Codec   Codec
	Disk    disk.FS // the operating system's if nil
	Workers int     // tasks run at the same time; as many as there are cores if 0
	Gate    *Gate   // where the work waits while it is to stand still; never if nil
	// Events gets one event at a time, on any goroutine, before the job
	// returns. It must not wait for anything. It may be nil.
	Events func(Event)
}

// Event is one of Planned, Started, Progress, Measured, Done and Failed.
type Event interface{ event() }

// Phase is what is being done to files.
type Phase string

// The phases of jobs. A Compress job compresses and then verifies.
const (
	Compressing Phase = "compressing"
	Restoring   Phase = "restoring"
	Verifying   Phase = "verifying"
	Exporting   Phase = "exporting"
	Estimating  Phase = "estimating"
)

// Planned comes first in each phase: so much there is to do.
type Planned struct {
	Phase Phase
	Files int   // folders and links included
	Bytes int64 // of the original files
}

// Started says that work on a file has begun. Several files may be in work.
type Started struct {
	Phase Phase
	Name  string // in the archive
	Size  int64  // bytes of the original
}

// Progress says how far a file is. It comes some times a second for each part
// of a file that is in work.
type Progress struct {
	Phase Phase
	Name  string
	Done  int64         // bytes of the original that are through, of Started.Size
	Added int64         // by how many bytes Done has grown
	Audio time.Duration // how much audio that was, or 0
}

// Measured says, while a recording is compressed, what has become of the audio
// at its beginning.
type Measured struct {
	Name       string
	Original   int64   // bytes
	FLAC       int64   // bytes that FLAC needs for the same audio, or 0 if it cannot
	Compressed int64   // bytes that the archive needs
	Stretch    Stretch // the end of that audio: what has come since the event before
}

// Done says that a file is finished.
type Done struct {
	Phase Phase
	File  archive.File
	Kept  bool // an update has taken it over as it was
}

// Failed says that a file, or the archive itself (then Name is ""), has failed
// in one way. The other files go on.
type Failed struct {
	Phase Phase
	Name  string // in the archive, or the path of what could not be archived
	Err   error
}

func (Planned) event()  {}
func (Started) event()  {}
func (Progress) event() {}
func (Measured) event() {}
func (Done) event()     {}
func (Failed) event()   {}

// Summary is what became of a job.
type Summary struct {
	Files    []archive.File // those that went well, in order
	Failed   int            // number of Failed events
	There    int            // of Files, those that Restore found in place, with the same content
	KeptBack int            // files that could not be made because of their folder, which has failed once for all of them
	Salvaged int            // files that failed, of which Restore has saved what is left
	Skipped  int            // files that Export left out because they are not audio
	// Missing is what is not in the archive that Compress has made, or was not when the
	// archive that Restore, Export or Verify has read was made.
	Missing []archive.Missing
	// Vanished is what was missing from the archive that an update has brought up to
	// date, and is gone from the disk: it is missing no more, but will never be brought.
	Vanished []archive.Missing
	// Kept are the names of those of Files that an update has taken over as they were.
	// Idle says that there was nothing to update, and the archive is as it was.
	Kept map[string]bool
	// moved are the names of those that are new under their name, whose content an update
	// has taken over.
	moved map[string]bool
	// Repaired are the names of those of Files that an update would have taken over, had
	// they not been damaged in the archive: they were archived anew.
	Repaired []string
	// Removed are the names of files and links that a mirror has removed from the archive,
	// because they are gone from the disk.
	Removed []string
	// Lacks are what files lack that is not in them.
	Lacks []Lacking
	Idle  bool
	// Unverified is how many of Kept have not been verified, because that was not
	// asked for.
	Unverified int
	Verified   bool // Compress has read the archive again, and it was sound
	// ArchiveSize is the size in bytes of the archive that Compress has made or
	// Verify has read.
	ArchiveSize int64
}

func (e *Engine) disk() disk.FS {
	if e.Disk == nil {
		return disk.OS{}
	}
	return e.Disk
}

func (e *Engine) workers() int {
	if e.Workers > 0 {
		return e.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// crew returns who does the tasks of a job over so many bytes of files.
func (e *Engine) crew(bytes int64) Crew {
	if e.Codec.Begin == nil {
		return cores(e.workers())
	}
	return e.Codec.Begin(bytes, e.workers())
}

// report collects the summary of a job, and sends its events.
type report struct {
	phase   Phase
	summary Summary

	mu     sync.Mutex
	events func(Event)
}

func (e *Engine) report(phase Phase) *report { return &report{events: e.Events, phase: phase} }

// send tells of an event, if anybody wants to know.
func (e *Engine) send(ev Event) {
	if e.Events != nil {
		e.Events(ev)
	}
}

func (r *report) send(ev Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.events != nil {
		r.events(ev)
	}
}

func (r *report) planned(files int, bytes int64) { r.send(Planned{r.phase, files, bytes}) }

func (r *report) done(f archive.File) {
	r.summary.Files = append(r.summary.Files, f)
	r.send(Done{Phase: r.phase, File: f})
}

func (r *report) failed(name string, err error) { r.add(newFailed(r.phase, name, err)) }

func (r *report) add(f Failed) {
	r.summary.Failed++
	r.send(f)
}

// leftOut reports that something is left out of the archive that is made.
func (r *report) leftOut(it item, err error) {
	r.failed(it.path, err)
	r.missing(it.name, err, false)
}

// missing notes what is left out.
func (r *report) missing(name string, err error, folder bool) {
	r.summary.Missing = append(r.summary.Missing, archive.Missing{Name: name, Reason: disk.WithoutPath(err).Error(), Folder: folder})
}

// newFailed returns the event of an error of a file.
func newFailed(phase Phase, name string, err error) Failed {
	return Failed{phase, name, disk.WithoutPath(err)}
}
