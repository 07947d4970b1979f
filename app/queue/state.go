package queue

import (
	"errors"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/progress"
)

// State is how far a job or a file is.
type State string

// The states. Compressed is a file that waits for the verification of its
// archive. Done is what is in an archive that was read back, Archived what is in
// one that was not, and LeftOut a file that did not fail, but is in no archive
// because its job has failed.
const (
	Reading     State = "reading" // finding out what is in the folder
	Waiting     State = "waiting"
	Compressing State = "compressing"
	Compressed  State = "compressed"
	Verifying   State = "verifying"
	Cancelling  State = "cancelling"
	Done        State = "done"
	Archived    State = "archived"
	LeftOut     State = "left out"
	Failed      State = "failed"
	Cancelled   State = "cancelled"
)

// Active says whether work goes on.
func (s State) Active() bool {
	return s == Compressing || s == Compressed || s == Verifying || s == Cancelling
}

// Finished says whether nothing more will happen by itself.
func (s State) Finished() bool { return s == Done || s == Failed || s == Cancelled }

// Sizes compares what the same audio takes: as it is, as FLAC, as Trilobyte. It
// is measured, and covers only audio that FLAC can hold. All are bytes.
type Sizes struct {
	Original  int64 `json:"original"`
	FLAC      int64 `json:"flac"`
	Trilobyte int64 `json:"trilobyte"`
}

func (s *Sizes) add(other Sizes) {
	s.Original += other.Original
	s.FLAC += other.FLAC
	s.Trilobyte += other.Trilobyte
}

func (s *Sizes) subtract(other Sizes) {
	s.add(Sizes{-other.Original, -other.FLAC, -other.Trilobyte})
}

// Saved is what Trilobyte saves against FLAC, as a part of FLAC's size: 0.1 if
// it is 10 % smaller, less than 0 if FLAC is smaller. ok is false if there is
// nothing to compare.
func (s Sizes) Saved() (part float64, ok bool) {
	if s.FLAC == 0 {
		return 0, false
	}
	return 1 - float64(s.Trilobyte)/float64(s.FLAC), true
}

// Totals are what files come to in an archive: those that can be compared with
// FLAC, and apart from them the others.
type Totals struct {
	Recordings     int   `json:"recordings"`      // that FLAC can hold
	Sizes          Sizes `json:"sizes"`           // of them
	Others         int   `json:"others"`          // files that are no such recordings
	OthersOriginal int64 `json:"others_original"` // bytes of them
	OthersArchived int64 `json:"others_archived"` // bytes in the archive
}

func (t *Totals) add(o Totals) {
	t.Recordings += o.Recordings
	t.Sizes.add(o.Sizes)
	t.Others += o.Others
	t.OthersOriginal += o.OthersOriginal
	t.OthersArchived += o.OthersArchived
}

func (t *Totals) subtract(o Totals) {
	t.Recordings -= o.Recordings
	t.Sizes.subtract(o.Sizes)
	t.Others -= o.Others
	t.OthersOriginal -= o.OthersOriginal
	t.OthersArchived -= o.OthersArchived
}

// TotalsOf returns what a file comes to that an archive has.
func TotalsOf(f archive.File) Totals {
	switch {
	case f.Kind == archive.KindFolder:
		return Totals{}
	case f.FLAC == 0:
		return Totals{Others: 1, OthersOriginal: f.Size, OthersArchived: f.Compressed}
	}
	return Totals{Recordings: 1, Sizes: Sizes{f.Size, f.FLAC, f.Compressed}}
}

// Plus returns what two sets of files come to.
func (t Totals) Plus(o Totals) Totals {
	t.add(o)
	return t
}

// File is a file of a job.
type File struct {
	Name   string // in the archive
	Size   int64  // bytes of the original
	State  State
	Done   int64  // bytes of the original that are through in this phase
	Totals        // so far
	Whole  int64  // bytes in the archive, once it is compressed
	Note   string // what is wrong with it as a recording, or why it was kept whole, or ""
	Kept   bool   // whole
	// SameAs is the name of the file before it that has the same content, which is
	// stored once, or ""; and RefersTo are those that hold samples of it.
	SameAs   string
	RefersTo []string
	Err      string // why it failed, or ""
}

// ID names a job for as long as it is in the queue. IDs are not used again.
type ID int64

// Job is a job as it stands.
type Job struct {
	ID      ID
	Paths   []string // what is archived
	Archive string   // path of the archive
	Preset  string   // one of Config.Presets that it is made with, or "": the engine's codec
	Way     Way      // what is done about an archive that is there already
	Taken   Taken    // by what the archive's place is, if it failed for that
	State   State
	Files   int   // number of files
	Size    int64 // bytes of the original files
	Failed  int   // files that failed
	Totals        // of all its files so far
	Current int   // number of the file that was measured last, or -1
	// ArchiveSize is the size of the finished archive in bytes.
	ArchiveSize int64
	Verified    bool // the archive was read again and compared
	// Note is a remark about a finished job, or "".
	Note     Note
	Err      string            // why it failed, or ""
	Progress progress.Snapshot // of a job in work
	// GPUs and Cores are how many of them a job in work has, 0 and 0 if it has cores alone.
	GPUs, Cores int
}

// Taken is what lies where the archive of a job is to be.
type Taken string

// What can lie there, besides nothing.
const (
	ByArchive Taken = "archive" // that can be updated or replaced
	ByOther   Taken = "other"   // no sound archive
)

// takenBy returns what lies there, by the error of a job.
func takenBy(err error) Taken {
	switch {
	case errors.Is(err, ErrTaken):
		return ByArchive
	case errors.Is(err, ErrForeign), errors.Is(err, ErrDamaged):
		return ByOther
	}
	return ""
}

// Note is a remark about a finished job.
type Note string

// The notes.
const (
	// NoteArchivedAlready says that there was an archive of the same files.
	NoteArchivedAlready Note = "archived already"
	// NoteInWastebasket says that the originals are in the wastebasket.
	NoteInWastebasket Note = "originals in the wastebasket"
	// NoteOriginalsKept says that they were to be moved there, but were not:
	// Err has the reason.
	NoteOriginalsKept Note = "originals kept"
)

// Point is the running comparison at one moment.
type Point struct {
	At    time.Duration // of work
	Ratio float64       // Trilobyte's size divided by FLAC's, of all audio so far
}

// Overview is how the whole queue stands.
type Overview struct {
	Paused   bool
	Jobs     int
	Waiting  int // or being read
	Active   int
	Finished int
	Done     int // of these
	Failed   int // of these
	Fraction float64
	Speed    float64       // x real time, of all jobs in work; 0 if unknown
	Left     time.Duration // 0 if unknown
	Totals                 // of all jobs that are in the queue
	// ArchiveSize is the size of all their finished archives in bytes.
	ArchiveSize int64
}

// Notice tells what has happened, for a log.
type Notice struct {
	Kind NoticeKind
	Job  Job
	Name string // of the file, if it is about one
	Err  string
}

// NoticeKind is what a Notice tells.
type NoticeKind string

// The kinds of notices.
const (
	JobAdded     NoticeKind = "added"
	JobKnown     NoticeKind = "known" // it was added once more
	JobStarted   NoticeKind = "started"
	JobDone      NoticeKind = "done"
	JobFailed    NoticeKind = "failed"
	JobCancelled NoticeKind = "cancelled"
	FileFailed   NoticeKind = "file failed"
	QueueDone    NoticeKind = "queue done" // nothing is left to do
	QueueFault   NoticeKind = "queue fault"
)
