// Package saved keeps a history of the archives that were made, and adds up what that
// has saved.
package saved

import (
	"errors"
	"slices"
	"sync"
	"time"

	"trilobyte/app/disk"
	"trilobyte/app/lines"
	"trilobyte/app/queue"
)

// Record is an archive that was made, as it was then.
type Record struct {
	At          time.Time    `json:"at"`
	Archive     string       `json:"archive"` // path
	Files       int          `json:"files"`
	Totals      queue.Totals `json:"totals"`
	ArchiveSize int64        `json:"archive_size"` // bytes
	Verified    bool         `json:"verified"`
}

// Sum is what archives come to.
type Sum struct {
	Archives int
	Since    time.Time // when the first of them was made; zero if there is none
	queue.Totals
	ArchiveSize int64 // bytes
}

// most is how many records are kept.
const most = 100_000

// History is all records. Its methods may be called from any goroutine.
type History struct {
	book *lines.Book[Record]

	mu      sync.Mutex
	records []Record
}

// Open opens the history at path; one that is not kept if that is "". There is always a
// history; the error says why it cannot be kept.
func Open(d disk.FS, path string) (*History, error) {
	h := &History{}
	if path == "" {
		return h, nil
	}
	var err error
	h.records, h.book, err = lines.Open[Record](d, path, most)
	return h, err
}

// Add adds the archive that a job has made, if it has made one: those that only verify
// an archive, or found it there, have not.
func (h *History) Add(at time.Time, j queue.Job) error {
	if j.ArchiveSize == 0 || j.Way == queue.Check || j.Note == queue.NoteArchivedAlready {
		return nil
	}
	r := Record{at.UTC().Truncate(time.Second), j.Archive, j.Files - j.Failed, j.Totals, j.ArchiveSize, j.Verified}
	h.mu.Lock()
	h.records = append(h.records, r)
	h.mu.Unlock()
	return errors.Join(h.book.Add(r), h.book.Sync())
}

// Count is how many records there are.
func (h *History) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.records)
}

// Latest returns the records, the newest first: of an archive that was made again, or
// brought up to date, only the last one.
func (h *History) Latest() []Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := make(map[string]bool, len(h.records))
	var latest []Record
	for _, r := range slices.Backward(h.records) {
		if !seen[r.Archive] {
			seen[r.Archive] = true
			latest = append(latest, r)
		}
	}
	return latest
}

// SumOf adds up records.
func SumOf(records []Record) Sum {
	s := Sum{Archives: len(records)}
	for _, r := range records {
		s.Totals = s.Totals.Plus(r.Totals)
		s.ArchiveSize += r.ArchiveSize
		if s.Since.IsZero() || r.At.Before(s.Since) {
			s.Since = r.At
		}
	}
	return s
}

// Close ends the work with the history.
func (h *History) Close() error { return h.book.Close() }
