package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/codec/stream"
)

// RestoreOptions say what Restore is to do.
type RestoreOptions struct {
	Archive string // path of the archive
	Dir     string // folder to restore into; it is made if it is not there
	// Names are the files and folders to restore; everything if there are none.
	Names []string
	// Overwrite has files and links replaced that are there already, also where the
	// archive has a folder. Otherwise they are left as they are and reported, unless
	// they have the same content, which is as good as restoring them: then what else
	// differs is noted among the lacks.
	Overwrite bool
	// Salvage has damaged files restored as far as possible, with silence in
	// place of audio that is lost, under names that end in " (damaged)". They
	// are still reported as failed, with what is lost.
	Salvage bool
	// Links has links made that lead out of Dir, or may do so.
	Links bool
	// Permissions has setuid, setgid and sticky bits set, too, and the permissions of
	// what is there already with the same content.
	Permissions bool
}

// Restore gets files back out of an archive. Each appears under its name when
// it is complete, the same as it was, and on the disk. Nothing outside of Dir is
// written to, whatever the archive says. What fails is reported, and the others
// are restored. The error is one of opening the archive or the folder, or of
// the context.
func (e *Engine) Restore(ctx context.Context, o RestoreOptions) (summary Summary, err error) {
	r := e.report(Restoring)
	a, err := archive.Open(e.disk(), o.Archive)
	if err != nil {
		return r.summary, err
	}
	defer a.Close()
	f, err := e.openFolder(o.Dir, o, r)
	if err != nil {
		return r.summary, err
	}
	defer f.root.Close()
	f.unfinished = openUnfinished(f.root)
	f.know(a.Entries())
	for _, err := range a.Damage() {
		r.failed("", err)
	}
	entries := choose(a, o.Names, r)
	r.summary.Missing = missingAmong(a.Missing(), o.Names)
	u := &unpacker{archive: a, codec: e.Codec, gate: e.Gate, report: r, target: f, follower: f}
	if o.Salvage {
		u.damaged = salvage
	}
	err = u.run(ctx, e.crew, entries)
	err = errors.Join(err, f.finish(r))
	return r.summary, err
}

// folder is the target of restoring.
type folder struct {
	root      disk.Root
	gate      *Gate
	dir       string // its path
	overwrite bool
	options   RestoreOptions
	report    *report

	temp string // the file being written, if any
	file disk.File
	link []byte // the target of the link being restored

	// Folders, by their places.
	entries map[string]*archive.Entry // that the archive has, if they are restored
	folders map[string]*archive.Entry // whose mode and time come last
	before  map[string]bool           // those among them that were there before
	synced  map[string]bool           // to be synced
	changed map[string]bool           // in which something was made

	// unfinished is of use to Restore alone.
	unfinished *unfinished

	mu        sync.Mutex
	cleaned   map[string]*sync.Once  // folders, as in what follows
	reached   map[string]bool        // that are there
	opened    map[string]fs.FileMode // that could not be written into, with the mode that they had
	obstacles map[string]*obstacle   // into which nothing can be restored
	written   map[string]string      // names by what a file system may take for the same name
}

// openFolder returns a folder as a target, whose root is to be closed. The
// folder is made if it is not there.
func (e *Engine) openFolder(dir string, o RestoreOptions, r *report) (*folder, error) {
	if err := e.disk().MkdirAll(dir, 0o777); err != nil {
		if made, reason := disk.PathOf(err); made != "" && isDenied(err) {
			return nil, denied(filepath.Dir(made), reason)
		}
		return nil, err
	}
	root, err := e.disk().OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &folder{
		root: root, gate: e.Gate, dir: dir, overwrite: o.Overwrite, options: o, report: r,
		entries: map[string]*archive.Entry{}, folders: map[string]*archive.Entry{}, before: map[string]bool{}, synced: map[string]bool{},
		changed: map[string]bool{}, cleaned: map[string]*sync.Once{}, reached: map[string]bool{}, opened: map[string]fs.FileMode{},
		obstacles: map[string]*obstacle{}, written: map[string]string{},
		unfinished: &unfinished{root: root, failed: true},
	}, nil
}

// refuse implements target.
func (f *folder) refuse(ctx context.Context, e *archive.Entry) error {
	place := placeOf(e)
	if err := checkNameHere(place); err != nil {
		return err
	}
	dir := path.Dir(place)
	if step, there, err := f.reach(dir); err != nil || step != "" {
		return cmp.Or(err, f.mayReplace(step, there), f.obstacleOf(step), f.obstacleOf(path.Dir(step)))
	}
	f.clean(dir)
	there, err := f.look(place)
	if errors.Is(err, fs.ErrNotExist) {
		return f.obstacleOf(dir)
	}
	if err != nil {
		return err
	}
	switch {
	case e.Kind == archive.KindFolder && there.IsDir():
		return nil
	case e.Kind == archive.KindFolder:
		return f.mayReplace(place, there)
	case there.IsDir():
		return errors.New("there is a folder of the same name already, which is never replaced: move it away")
	}
	if err := f.collision(place, there); err != nil || f.overwrite {
		return err
	}
	return f.compare(ctx, e, there)
}

// clean removes from a folder, once, what killed runs have left. That has ended when it
// returns, so that what this run makes is not taken for it: links have no locks.
func (f *folder) clean(dir string) {
	f.mu.Lock()
	once := f.cleaned[dir]
	if once == nil {
		once = new(sync.Once)
		f.cleaned[dir] = once
	}
	f.mu.Unlock()
	once.Do(func() { disk.RemoveDead(f.root, dir) })
}

// compare returns ErrThere if what is there is what the entry is, otherwise
// ErrExists.
func (f *folder) compare(ctx context.Context, e *archive.Entry, there fs.FileInfo) error {
	switch {
	case e.Kind == archive.KindLink && there.Mode().Type() == fs.ModeSymlink:
		if target, err := f.root.Readlink(placeOf(e)); err == nil && archive.EscapeName(target) == e.Target {
			return ErrThere
		}
	case e.Kind != archive.KindLink && there.Mode().IsRegular() && there.Size() == e.Size:
		file, err := f.root.Open(placeOf(e))
		if err != nil {
			return fmt.Errorf("%w: it cannot be compared (%w)", ErrExists, disk.WithoutPath(err))
		}
		defer file.Close() // was only read from
		d := newDigest()
		if _, err = copyPausing(ctx, f.gate, d, io.LimitReader(file, e.Size)); err == nil && compare(e, nil, d) == nil {
			return ErrThere
		}
	}
	return ErrExists
}

// collision returns an error if what is there was restored by this job under a
// name that this file system does not tell from the given one.
func (f *folder) collision(name string, there fs.FileInfo) error {
	f.mu.Lock()
	other, ok := f.written[folded(name)]
	f.mu.Unlock()
	if !ok || other == name {
		return nil
	}
	if info, err := f.root.Lstat(other); err == nil && os.SameFile(info, there) {
		return fmt.Errorf("this disk takes its name for the same as that of %s; restore it alone, into another folder", other)
	}
	return nil
}

// taken is collision, of whatever has that name now.
func (f *folder) taken(name string) error {
	there, err := f.root.Lstat(name)
	if err != nil {
		return nil // nothing has
	}
	return f.collision(name, there)
}

// folded is the same for names that some file systems do not tell apart.
func folded(name string) string { return norm.NFC.String(strings.ToLower(name)) }

// begin implements target.
func (f *folder) begin(_ context.Context, e *archive.Entry, _ *stream.Decoder) (io.Writer, error) {
	dir := path.Dir(placeOf(e))
	if err := f.makeAll(dir); err != nil {
		return nil, err
	}
	switch e.Kind {
	case archive.KindFolder:
		return io.Discard, nil
	case archive.KindLink:
		f.link = nil
		return writerFunc(func(p []byte) (int, error) {
			f.link = append(f.link, p...)
			return len(p), nil
		}), nil
	}
	err := f.into(dir, func() (err error) {
		f.file, f.temp, err = disk.CreateTemp(f.root, dir, 0o600)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f.content(e), nil
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// commit implements target.
func (f *folder) commit(e *archive.Entry) error {
	switch e.Kind {
	case archive.KindFolder:
		return f.commitFolder(e)
	case archive.KindLink:
		return f.commitLink(e)
	}
	if err := f.complete(e); err != nil {
		return err
	}
	if err := f.name(e); err != nil {
		return err
	}
	return f.close()
}

// complete gets the temporary file onto the disk, with its mode and time.
func (f *folder) complete(e *archive.Entry) error {
	if err := errors.Join(f.dig(e), f.dress(e, f.file)); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	if info, err := f.file.Stat(); err == nil {
		f.checkHoles(e, info)
	}
	if !disk.RenameOpenFiles {
		if err := f.close(); err != nil {
			return err
		}
	}
	return f.change(e, f.temp)
}

// close closes the temporary file, if it is open. Where that is possible it
// comes after the file has got its name, because until then only the file's
// lock tells other runs that it is not left over.
func (f *folder) close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}

// name gives the temporary file its name.
func (f *folder) name(e *archive.Entry) error {
	var err error
	if f.overwrite {
		if err = f.taken(placeOf(e)); err == nil {
			err = f.root.Rename(f.temp, placeOf(e))
		}
	} else if err = disk.Publish(f.root, f.temp, placeOf(e)); errors.Is(err, fs.ErrExist) {
		err = cmp.Or(f.taken(placeOf(e)), ErrExists)
	}
	if err != nil {
		return err
	}
	f.temp = ""
	f.made(placeOf(e))
	return nil
}

func (f *folder) commitLink(e *archive.Entry) error {
	target := string(f.link)
	if err := cmp.Or(e.CheckLink(target), checkLinkHere(target)); err != nil && !f.options.Links {
		f.report.lacks(LackLinks, e.Name, err)
		return nil
	}
	return f.nameLink(e, func() error { return f.tempLink(e, target) })
}

// nameLink has a link made under a temporary name, unless the file system has none, and
// gives it its own. Links have no locks: another run may take it for what a killed one has
// left, so there is a second try.
func (f *folder) nameLink(e *archive.Entry, link func() error) error {
	for again := true; ; again = false {
		err := link()
		if err == nil && f.temp != "" {
			err = f.name(e)
		}
		if err != nil {
			f.abort()
		}
		if !again || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
}

// tempLink makes a symbolic link under a temporary name. If the file system has none,
// that is noted.
func (f *folder) tempLink(e *archive.Entry, target string) error {
	dir := path.Dir(placeOf(e))
	temp := path.Join(dir, disk.TempName())
	err := f.into(dir, func() error {
		err := f.root.Symlink(target, temp)
		if err == nil {
			f.temp = temp
		}
		return f.unless(LackSymlinks, e, err)
	})
	if err != nil || f.temp == "" {
		return err
	}
	return f.unless(LackTimes, e, f.root.ChtimesLink(temp, e.ModTime()))
}

// abort implements target.
func (f *folder) abort() {
	f.close() // is thrown away
	if f.temp != "" {
		f.root.Remove(f.temp) // has failed already, and for a reason that is reported
		f.temp = ""
	}
}
