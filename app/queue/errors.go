package queue

import (
	"errors"
	"fmt"
)

// Errors of the queue itself. Those of the engine come as they are; Config.Words
// gets all of them.
var (
	// ErrNoAudio says that there is nothing to compress in what was added.
	ErrNoAudio = errors.New("there is no recording in it that can be compressed, so there is nothing to compress")
	// ErrTaken says that there is another archive where the archive is to be.
	ErrTaken = errors.New("it exists already and holds something else; it is not overwritten")
	// ErrForeign says that there is something that is no sound archive.
	ErrForeign = errors.New("it exists already and is no sound archive; it is not overwritten")
	// ErrReplaced says why originals stay: the archive that was there may have had
	// others that nothing else has.
	ErrReplaced = errors.New("originals stay when an archive is replaced")
	// ErrDamaged says that there is an archive of the same files, damaged.
	ErrDamaged = errors.New("it exists already, of the same files, but is damaged")
	// ErrGone says that a file was there when its job was added, and is not when
	// that starts.
	ErrGone = errors.New("it is gone: deleted, moved or renamed after it was added")
	// ErrNoWastebasket says that originals cannot be moved anywhere.
	ErrNoWastebasket = errors.New("there is no wastebasket here")
	// ErrLocked says that another queue has the journal.
	ErrLocked = errors.New("another window of Trilobyte is open, and keeps its own")
)

// JournalError says why the queue may not come back after the program has ended.
type JournalError struct{ Err error }

// Error implements error.
func (e *JournalError) Error() string {
	return fmt.Sprintf("the queue cannot be kept for the next time: %v", e.Err)
}

// Unwrap returns the reason.
func (e *JournalError) Unwrap() error { return e.Err }

// ArchiveError says why the archive of a job cannot be made: ErrTaken,
// ErrForeign or ErrDamaged.
type ArchiveError struct {
	Archive string // its path
	Err     error
}

// Error implements error.
func (e *ArchiveError) Error() string { return fmt.Sprintf("%s: %v", e.Archive, e.Err) }

// Unwrap returns the reason.
func (e *ArchiveError) Unwrap() error { return e.Err }
