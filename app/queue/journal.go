package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"

	"trilobyte/app/disk"
)

// The journal is a file of JSON lines. Each is appended, and synced, as
// something happens; the last line may be torn by a crash. When a queue starts
// it reads the journal and writes it anew without what is no longer needed.

// operation is what a line of the journal says.
type operation string

const (
	opAdd    operation = "add" // or begins anew
	opEnd    operation = "end"
	opRemove operation = "remove"
	opOrder  operation = "order"
)

// record is a line of the journal.
type record struct {
	Op operation `json:"op"`
	ID ID        `json:"id,omitempty"`

	// Of opAdd.
	Paths   []string `json:"paths,omitempty"`
	Archive string   `json:"archive,omitempty"`
	Preset  string   `json:"preset,omitempty"`
	Way     Way      `json:"way,omitempty"`

	// Of opEnd.
	State       State        `json:"state,omitempty"`
	Size        int64        `json:"size,omitempty"`
	ArchiveSize int64        `json:"archive_size,omitempty"`
	Verified    bool         `json:"verified,omitempty"`
	Note        Note         `json:"note,omitempty"`
	Err         string       `json:"error,omitempty"`
	Taken       Taken        `json:"taken,omitempty"`
	Files       []fileRecord `json:"files,omitempty"`

	Order []ID `json:"order,omitempty"` // of opOrder
}

// fileRecord is a file of a job that has ended.
type fileRecord struct {
	Name     string   `json:"name"`
	Size     int64    `json:"size"`
	State    State    `json:"state"`
	Totals   Totals   `json:"totals"`
	Whole    int64    `json:"whole,omitempty"`
	Note     string   `json:"note,omitempty"`
	Kept     bool     `json:"kept,omitempty"`
	SameAs   string   `json:"same_as,omitempty"`
	RefersTo []string `json:"refers_to,omitempty"`
	Err      string   `json:"error,omitempty"`
}

func addRecord(e *entry) record {
	return record{Op: opAdd, ID: e.ID, Paths: e.Paths, Archive: e.Archive, Preset: e.Preset, Way: e.Way}
}

func endRecord(e *entry) record {
	r := record{
		Op: opEnd, ID: e.ID, State: e.State, Size: e.Size, ArchiveSize: e.ArchiveSize,
		Verified: e.Verified, Note: e.Note, Err: e.Err, Taken: e.Taken,
	}
	for _, f := range e.files {
		r.Files = append(r.Files, fileRecord{f.Name, f.Size, f.State, f.Totals, f.Whole, f.Note, f.Kept, f.SameAs, f.RefersTo, f.Err})
	}
	return r
}

// journal appends records to a file, on a goroutine of its own so that no slow
// disk holds up the queue. A nil journal keeps nothing.
type journal struct {
	file  disk.File
	end   int64       // of what is written
	lock  disk.File   // is locked
	fault func(error) // is told of the first error

	writer  sync.WaitGroup
	mu      sync.Mutex
	wake    sync.Cond
	pending []record
	closing bool
}

// openJournal takes the journal at path for this process and returns its lock
// and its records. What was torn by a crash is left out.
func openJournal(d disk.FS, path string) (lock disk.File, records []record, err error) {
	if err := d.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, err
	}
	if lock, err = d.Edit(path+".lock", 0o600); err != nil {
		return nil, nil, err
	}
	if err = lock.Lock(); errors.Is(err, disk.ErrLocked) {
		err = ErrLocked
	}
	var content []byte
	if err == nil {
		content, err = readAll(d, path)
	}
	if err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	for line := range bytes.Lines(content) {
		var r record
		if json.Unmarshal(line, &r) == nil {
			records = append(records, r)
		}
	}
	return lock, records, nil
}

// readAll returns what is in a file; nothing if there is none.
func readAll(d disk.FS, path string) (content []byte, err error) {
	file, err := d.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(file)
}

// newJournal writes the journal anew and goes on from there. It tells fault of
// the first error after that.
func newJournal(d disk.FS, path string, lock disk.File, records []record, fault func(error)) (*journal, error) {
	content, err := lines(records)
	if err != nil {
		return nil, err
	}
	temp := path + ".new"
	if err := replace(d, temp, content); err != nil {
		return nil, err
	}
	if err := d.Rename(temp, path); err != nil {
		return nil, err
	}
	if err := d.SyncDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	file, err := d.Edit(path, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{file: file, end: int64(len(content)), lock: lock, fault: fault}
	j.wake.L = &j.mu
	j.writer.Go(j.append)
	return j, nil
}

// replace makes a file, or all of what is in it, anew, on the disk.
func replace(d disk.FS, path string, content []byte) (err error) {
	file, err := d.Edit(path, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := file.Truncate(0); err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Sync()
}

// lines are records as the journal has them.
func lines(records []record) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, r := range records {
		if err := e.Encode(r); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// write has records appended, soon.
func (j *journal) write(records ...record) {
	if j == nil || len(records) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pending = append(j.pending, records...)
	j.wake.Signal()
}

// append writes what is pending until the journal is closed. What could not be
// written is tried again together with what comes next.
func (j *journal) append() {
	var records []record
	for closing := false; !closing; {
		j.mu.Lock()
		for len(j.pending) == 0 && !j.closing {
			j.wake.Wait()
		}
		records = append(records, j.pending...)
		j.pending, closing = nil, j.closing
		j.mu.Unlock()
		err := j.appendNow(records)
		if err == nil {
			records = nil
		} else if j.fault != nil {
			j.fault(&JournalError{err})
			j.fault = nil
		}
	}
}

// appendNow writes records behind those that are on the disk, and waits until
// they are, too.
func (j *journal) appendNow(records []record) error {
	if len(records) == 0 {
		return nil
	}
	content, err := lines(records)
	if err != nil {
		return err
	}
	if _, err := j.file.WriteAt(content, j.end); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.end += int64(len(content))
	return nil
}

// close waits until all is written.
func (j *journal) close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	j.closing = true
	j.wake.Signal()
	j.mu.Unlock()
	j.writer.Wait()
	return errors.Join(j.file.Close(), j.lock.Close())
}

// load brings the queue of the journal back.
func (q *Queue) load(path string) error {
	lock, records, err := openJournal(q.disk, path)
	if err != nil {
		return err
	}
	for _, r := range records {
		q.replay(r)
	}
	var kept []record
	for _, e := range q.jobs {
		kept = append(kept, addRecord(e))
		if e.State.Finished() {
			kept = append(kept, endRecord(e))
		} else if !q.paused {
			q.pause()
		}
	}
	q.touchList()
	if q.journal, err = newJournal(q.disk, path, lock, kept, q.fault); err != nil {
		return errors.Join(err, lock.Close())
	}
	return nil
}

// replay enters a record.
func (q *Queue) replay(r record) {
	e := q.byID[r.ID]
	switch {
	case r.Op == opAdd && len(r.Paths) > 0 && r.Archive != "":
		if e == nil {
			e = &entry{}
			q.jobs = append(q.jobs, e)
			q.byID[r.ID] = e
			q.last = max(q.last, r.ID)
		}
		q.totals.subtract(e.Totals)
		*e = entry{Job: Job{ID: r.ID, Paths: r.Paths, Archive: r.Archive, Preset: r.Preset, Way: r.Way, State: Reading, Current: -1}, left: true}
	case r.Op == opEnd && e != nil && r.State.Finished():
		q.totals.subtract(e.Totals)
		e.ended(r)
		q.totals.add(e.Totals)
	case r.Op == opRemove && e != nil:
		q.totals.subtract(e.Totals)
		delete(q.byID, r.ID)
		q.jobs = slices.DeleteFunc(q.jobs, func(e *entry) bool { return e.ID == r.ID })
	case r.Op == opOrder:
		q.arrange(r.Order)
	}
}

// ended enters how a job has ended.
func (e *entry) ended(r record) {
	e.State, e.Size, e.ArchiveSize = r.State, r.Size, r.ArchiveSize
	e.Verified, e.Note, e.Err, e.Taken = r.Verified, r.Note, r.Err, r.Taken
	e.files, e.Files, e.Failed, e.Totals = nil, len(r.Files), 0, Totals{}
	for _, f := range r.Files {
		e.files = append(e.files, File{Name: f.Name, Size: f.Size, State: f.State, Totals: f.Totals, Whole: f.Whole, Note: f.Note, Kept: f.Kept, SameAs: f.SameAs, RefersTo: f.RefersTo, Err: f.Err})
		e.add(f.Totals)
		if f.State == Failed {
			e.Failed++
		}
	}
}

// arrange puts the jobs into an order; those that are not in it come last.
func (q *Queue) arrange(order []ID) {
	place := map[ID]int{}
	for i, id := range order {
		place[id] = i
	}
	slices.SortStableFunc(q.jobs, func(a, b *entry) int {
		i, ok := place[a.ID]
		if !ok {
			i = len(order)
		}
		k, ok := place[b.ID]
		if !ok {
			k = len(order)
		}
		return i - k
	})
}
