package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"trilobyte/app/disk"
)

// ErrBusy says that another Writer, of this program or another, is making the
// same archive.
var ErrBusy = errors.New("another Trilobyte is making this archive at this moment")

// syncInterval is how much work a power failure may cost, beside the file that
// is in work.
const syncInterval = 5 * time.Second

// part is an archive that is not finished, and its journal. The journal says
// what is in it, is the lock that keeps two programs from writing to it, and
// is gone when the archive is.
type part struct {
	disk    disk.FS
	path    string
	file    disk.File
	journal disk.File // nil on file systems without locks, where nothing is gone on with
	name    string    // of the journal
	end     int64     // of the journal, but for its open lines
	opened  int64     // bytes of these
	synced  time.Time
	replace bool // what is at its path when it is finished
	mode    fs.FileMode
}

// openPart opens what an interrupted run has left of the archive that will be
// at path, or makes it. What is there must be to be replaced.
func openPart(d disk.FS, path string, replace bool) (*part, error) {
	p, dir := newPart(d, path), filepath.Dir(path)
	p.replace = replace
	if there, err := d.Stat(path); err == nil && replace {
		p.mode = there.Mode().Perm() // what was private stays so
	}
	if err := p.free(path); err != nil {
		return nil, err
	}
	if err := p.lock(); err != nil {
		return nil, err
	}
	if p.journal == nil {
		var err error
		p.path = filepath.Join(dir, disk.TempName())
		p.file, err = d.Create(p.path, p.mode)
		return p, err
	}
	// Another program may have finished the archive meanwhile.
	err := p.free(path)
	if err == nil {
		err = p.open()
	}
	if err != nil {
		return nil, errors.Join(err, p.unlock(p.isNew()))
	}
	disk.RemoveDead(d, dir)
	return p, nil
}

func newPart(d disk.FS, path string) *part {
	partName, journalName := disk.PartNames(filepath.Base(path))
	dir := filepath.Dir(path)
	return &part{disk: d, synced: time.Now(), mode: 0o666, path: filepath.Join(dir, partName), name: filepath.Join(dir, journalName)}
}

// RemoveLeft removes what interrupted runs, or a disk that failed, have left of
// the archive at path beside it: unfinished archives, their journal, temporary
// files. What another program is using stays.
func RemoveLeft(d disk.FS, path string) error {
	disk.RemoveDead(d, filepath.Dir(path))
	p := newPart(d, path)
	if _, err := d.Lstat(p.name); errors.Is(err, fs.ErrNotExist) && p.isNew() {
		return nil
	}
	if err := p.lock(); err != nil || p.journal == nil {
		if errors.Is(err, ErrBusy) {
			err = nil
		}
		return err
	}
	var err error
	if !p.isNew() {
		err = d.Remove(p.path)
	}
	return errors.Join(err, p.unlock(err == nil))
}

// free returns an error that wraps fs.ErrExist if there is something at path that is
// not to be replaced.
func (p *part) free(path string) error {
	if p.replace {
		return nil
	}
	if _, err := p.disk.Lstat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return nil
}

// lock opens and locks the journal.
func (p *part) lock() error {
	for {
		file, err := p.disk.Edit(p.name, 0o666)
		if err != nil {
			return err
		}
		switch err := file.Lock(); {
		case errors.Is(err, disk.ErrLocked):
			return errors.Join(ErrBusy, file.Close())
		case errors.Is(err, errors.ErrUnsupported):
			return errors.Join(file.Close(), p.disk.Remove(p.name))
		case err != nil:
			return errors.Join(err, file.Close())
		}
		if disk.IsSame(p.disk, file, p.name) {
			p.journal = file
			return nil
		}
		// It was removed by the program that had the lock, or is a link.
		if err := file.Close(); err != nil {
			return err
		}
		if there, err := p.disk.Lstat(p.name); err == nil && !there.Mode().IsRegular() {
			return fmt.Errorf("%s is in the way: remove it", p.name)
		}
	}
}

// isNew says whether there is no unfinished archive.
func (p *part) isNew() bool {
	_, err := p.disk.Lstat(p.path)
	return errors.Is(err, fs.ErrNotExist)
}

// open opens the unfinished archive, or makes it.
func (p *part) open() error {
	var err error
	if p.isNew() {
		p.file, err = p.disk.Create(p.path, p.mode)
		return err
	}
	if p.file, err = p.disk.Edit(p.path, 0o666); err != nil {
		return err
	}
	if !disk.IsSame(p.disk, p.file, p.path) {
		return errors.Join(fmt.Errorf("%s is in the way: remove it", p.path), p.file.Close())
	}
	return nil
}

// unlock gives the lock up, after removing the journal if it is of no use.
func (p *part) unlock(remove bool) error {
	if p.journal == nil {
		return nil
	}
	var err error
	if remove {
		err = p.disk.Remove(p.name)
	}
	closing := p.journal.Close()
	if err != nil {
		err = p.disk.Remove(p.name) // Windows removes only what is closed
	}
	return errors.Join(err, closing)
}

// discard removes all.
func (p *part) discard() error {
	return errors.Join(p.file.Close(), p.disk.Remove(p.path), p.unlock(true))
}

// leave leaves all as it is, for another run to go on with.
func (p *part) leave() error {
	if p.journal == nil {
		return p.discard()
	}
	return errors.Join(p.file.Sync(), p.journal.Sync(), p.file.Close(), p.unlock(false))
}

// publish gives the archive its name, or removes it.
//
// If nothing is to be replaced, it gets a name of TempName's before that: were the program killed while the
// archive has two names, another run would go on with it under the first one,
// and change what is there under the second.
func (p *part) publish(path string) error {
	err := p.file.Close()
	if err == nil && p.replace {
		err = p.disk.Rename(p.path, path)
	} else if err == nil {
		finished := filepath.Join(filepath.Dir(path), disk.TempName())
		if err = p.disk.Rename(p.path, finished); err == nil {
			p.path = finished
			err = disk.Publish(p.disk, p.path, path)
		}
	}
	if err != nil {
		return errors.Join(err, p.disk.Remove(p.path), p.unlock(true))
	}
	p.unlock(true) // what it may leave is harmless
	return nil
}

// journalHeader is the first line of a journal.
type journalHeader struct {
	Version int    `json:"version"` // of the archive format
	Model   string `json:"model"`   // SHA-256, hexadecimal
	// Update says that it was to take the place of another archive, from which
	// entries were taken over as they were: what is made anew does not go on with it.
	Update bool `json:"update,omitempty"`
}

// journalEntry is a line of a journal: an entry of ZIP that is in the archive, and the
// files that it is of: one, or those of a bundle. An open line has the compressed bytes
// of its only file, which is not in the archive yet, and where in that its bundle will
// begin. Open lines are the last ones; the next one that is not takes their place.
type journalEntry struct {
	Method uint16 `json:"method"`
	Files  []File `json:"files"`
	Data   []byte `json:"data,omitempty"`
	At     int64  `json:"at,omitempty"`
}

// journalLine returns a line: its CRC-32C, and JSON.
func journalLine(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.Checksum(b, castagnoli), b), nil
}

// cutLine reads the first line of a journal into v and returns the rest.
func cutLine(journal []byte, v any) (rest []byte, ok bool) {
	line, rest, ok := bytes.Cut(journal, []byte("\n"))
	if !ok {
		return nil, false
	}
	sum, text, ok := bytes.Cut(line, []byte(" "))
	if !ok || string(sum) != fmt.Sprintf("%08x", crc32.Checksum(text, castagnoli)) {
		return nil, false
	}
	return rest, json.Unmarshal(text, v) == nil
}

// begin cuts the archive and its journal off, so that only the kept entries are
// left, and what is open. A new journal gets its header, and one of entries that are
// described anew, or open, is written anew.
func (p *part) begin(size int64, kept []line, open []journalEntry, h journalHeader) error {
	if err := p.beginJournal(kept, open, h); err != nil {
		return err
	}
	return p.file.Truncate(size)
}

func (p *part) beginJournal(kept []line, open []journalEntry, h journalHeader) error {
	if p.journal == nil {
		return nil
	}
	described := func(l line) bool { return l.described }
	if len(kept) == 0 || len(open) > 0 || slices.ContainsFunc(kept, described) {
		return p.rewrite(kept, open, h)
	}
	p.end = kept[len(kept)-1].end
	return p.journal.Truncate(p.end)
}

// rewrite writes the journal anew, in one step as far as the system has that.
func (p *part) rewrite(kept []line, open []journalEntry, h journalHeader) error {
	all, err := journalLine(h)
	if err != nil {
		return err
	}
	for _, l := range kept {
		line, err := journalLine(l.journalEntry)
		if err != nil {
			return err
		}
		all = append(all, line...)
	}
	p.end = int64(len(all))
	for _, j := range open {
		line, err := journalLine(j)
		if err != nil {
			return err
		}
		all = append(all, line...)
	}
	if _, err := p.journal.WriteAt(all, 0); err != nil {
		return err
	}
	p.opened = int64(len(all)) - p.end
	return p.journal.Truncate(int64(len(all)))
}

// append writes a line to the journal.
func (p *part) append(v any) error {
	line, err := journalLine(v)
	if err != nil {
		return err
	}
	n, err := p.journal.WriteAt(line, p.end)
	p.end += int64(n)
	if err != nil || p.opened == 0 {
		return err
	}
	p.opened = 0
	return p.journal.Truncate(p.end)
}

// addOpen notes an entry that is not in the archive yet.
func (p *part) addOpen(e journalEntry) error {
	if p.journal == nil {
		return nil
	}
	line, err := journalLine(e)
	if err != nil {
		return err
	}
	n, err := p.journal.WriteAt(line, p.end+p.opened)
	p.opened += int64(n)
	if err != nil {
		return err
	}
	return p.sync()
}

// add notes an entry. Being killed does not undo what was written; that it
// outlives a power failure too is made sure of from time to time. In which
// order things reach the disk does not matter: Recover believes nothing.
func (p *part) add(e journalEntry) error {
	if p.journal == nil {
		return nil
	}
	if err := p.append(e); err != nil {
		return err
	}
	return p.sync()
}

// sync has all on the disk, from time to time.
func (p *part) sync() error {
	if time.Since(p.synced) < syncInterval {
		return nil
	}
	p.synced = time.Now()
	if err := errors.Join(p.file.Sync(), p.journal.Sync()); err != nil {
		return err
	}
	return p.disk.SyncDir(filepath.Dir(p.path))
}
