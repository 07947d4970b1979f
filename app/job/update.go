package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// Action is what an update does about a name.
type Action string

// The actions of updates.
const (
	Add     Action = "add"     // it is new
	Change  Action = "change"  // it is another one than in the archive
	Same    Action = "same"    // it is taken over
	Keep    Action = "keep"    // it is gone from the disk, and taken over
	Discard Action = "discard" // it is gone from the disk, and not taken over
)

// Step is what an update does about a name.
type Step struct {
	Action Action
	Name   string       // in the archive
	Kind   archive.Kind // recordings that are new are files
	Size   int64        // bytes of the original
}

// Model returns the identity of the model that an archive was made with, if there is
// one at the path and it says so.
func (e *Engine) Model(path string) (id [sha256.Size]byte, ok bool) {
	a, err := archive.Open(e.disk(), path)
	if err != nil {
		return id, false
	}
	defer a.Close() // was only read from
	return a.ModelID()
}

// oldName is the name in the archive that is updated, or "".
func (it item) oldName() string {
	if it.old == nil {
		return ""
	}
	return it.old.Name
}

// update is what is to be done about an archive that is there already.
type update struct {
	old     *archive.Archive  // nil if there is none
	items   []item            // of the archive to be made, in their order
	steps   []Step            // for each item, and each entry that is discarded
	renamed map[string]string // names of entries that are kept under another one
	missing []archive.Missing
	// vanished is what was missing before, and is gone from the disk now.
	vanished []archive.Missing
	damaged  map[string]error // entries of the old archive, and what is wrong with them
	repaired []string         // those that are archived anew for that
}

// PlanUpdate returns what Compress would do to update an archive, and what cannot
// be read.
func (e *Engine) PlanUpdate(ctx context.Context, o CompressOptions) (steps []Step, failures []Failed, err error) {
	if o.Sources == nil {
		if o.Sources, err = e.Scan(ctx, o.Paths); err != nil {
			return nil, nil, err
		}
	}
	u, err := e.plan(ctx, o, nil)
	if err != nil {
		return nil, nil, err
	}
	return u.steps, o.Sources.failures, u.close()
}

func (u *update) close() error {
	if u.old == nil {
		return nil
	}
	return u.old.Close()
}

// plan compares the sources with the archive, of which those entries are known to be
// damaged. The caller closes what it returns.
func (e *Engine) plan(ctx context.Context, o CompressOptions, damaged map[string]error) (*update, error) {
	old, err := archive.Open(e.disk(), o.Archive)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return nil, fmt.Errorf("%s cannot be updated: %w", o.Archive, err)
	}
	u := &update{old: old, missing: slices.Clone(o.Sources.missing), damaged: damaged}
	if err := e.fillPlan(ctx, u, o); err != nil {
		return nil, errors.Join(err, u.close())
	}
	return u, nil
}

func (e *Engine) fillPlan(ctx context.Context, u *update, o CompressOptions) error {
	u.renamed = map[string]string{}
	m := &merger{update: u, entries: map[string]int{}, kinds: map[string]archive.Kind{}, sources: map[string]item{}, mirror: o.Mirror}
	own, err := e.disk().Stat(o.Archive)
	if err != nil {
		own = nil
	}
	items := slices.DeleteFunc(slices.Clone(o.Sources.items), func(it item) bool { return own != nil && os.SameFile(it.info, own) })
	for _, it := range items {
		m.sources[it.name] = it
	}
	if u.old != nil {
		if err := soundToUpdate(u.old); err != nil {
			return fmt.Errorf("%s cannot be updated: %w", o.Archive, err)
		}
		for i, entry := range u.old.Entries() {
			m.entries[entry.Name], m.kinds[entry.Name] = i, kindOnDisk(entry.Kind)
		}
		if !o.Mirror {
			m.remember(u.old.Missing())
		}
	}
	for _, it := range items {
		if i, ok := m.entries[it.name]; ok && m.kinds[it.name] == it.kind {
			m.gone(i)
			delete(m.entries, it.name) // another source may have the name, too
			it.old = u.old.Entries()[i]
			first, ok := m.sources[it.old.HardLink]
			it.unlinked = ok && first.kind == it.kind && !os.SameFile(first.info, it.info)
			var err error
			if it.take, err = e.sameContent(ctx, it, o.Checksum || o.Mirror); err != nil {
				return err
			}
			if u.damaged[it.name] != nil && it.take {
				it.take = false
				u.repaired = append(u.repaired, it.name)
			}
		}
		m.add(it)
	}
	if u.old != nil {
		m.gone(len(u.old.Entries()))
	}
	for _, it := range u.items {
		if err := u.damaged[it.oldName()]; err != nil && it.gone {
			return damagedBefore(it.old.Name, err)
		}
	}
	return nil
}

// soundToUpdate returns why what is in an archive cannot be relied on, or nil.
func soundToUpdate(a *archive.Archive) error {
	if damage := a.Damage(); len(damage) > 0 {
		return fmt.Errorf("it is damaged: %w", damage[0])
	}
	for _, e := range a.Entries() {
		if e.Err != nil {
			return fmt.Errorf("%s: %w", e.Name, e.Err)
		}
	}
	return nil
}

// sameContent says whether what is to be archived has the content that the archive
// has. Files are read only if their content, and not their time, is to tell.
func (e *Engine) sameContent(ctx context.Context, it item, checksum bool) (bool, error) {
	f := it.old.File
	switch {
	case it.kind == archive.KindFolder:
		return f.Kind == archive.KindFolder, nil
	case it.kind == archive.KindLink:
		return f.Kind == archive.KindLink && archive.EscapeName(it.target) == f.Target, nil
	case f.Kind != archive.KindRecording && f.Kind != archive.KindFile, it.info.Size() != f.Size:
		return false, nil
	case !checksum:
		return it.info.ModTime().Equal(f.ModTime()), nil
	}
	sum, err := e.sumOf(ctx, it)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return err == nil && hex.EncodeToString(sum) == f.SHA256, nil
}

// size is how many bytes of a file are to be archived.
func (it item) size() int64 {
	if it.kind != archive.KindFile || it.info == nil {
		return 0
	}
	return it.info.Size()
}

// update brings an archive up to date. What turns out to have been damaged before is
// compressed anew.
func (e *Engine) update(ctx context.Context, r *report, o CompressOptions) (Summary, error) {
	if path, err := e.disk().EvalSymlinks(o.Archive); err == nil {
		o.Archive = path // a link to the archive stays one
	}
	if _, err := e.disk().Lstat(o.Archive); errors.Is(err, fs.ErrNotExist) {
		w, err := archive.Create(e.disk(), o.Archive, e.Codec.Coder.ID())
		if err != nil {
			return r.summary, err
		}
		return e.make(ctx, w, r, o, nil)
	}
	damaged := map[string]error{}
	for before := r.summary; ; r.summary = before {
		summary, err := e.replace(ctx, r, o, damaged)
		var suspected *suspectError
		if !errors.As(err, &suspected) {
			if errors.Is(err, ErrDamagedBefore) {
				err = fmt.Errorf("%s cannot be updated: %w", o.Archive, err)
			}
			return summary, err
		}
		if err := e.findDamage(ctx, o.Archive, suspected, damaged); err != nil {
			return summary, err
		}
	}
}

// replace makes an archive in the place of one that is there, of which those entries
// are known to be damaged.
func (e *Engine) replace(ctx context.Context, r *report, o CompressOptions, damaged map[string]error) (Summary, error) {
	w, err := archive.Replace(e.disk(), o.Archive, e.Codec.Coder.ID())
	if err != nil {
		return r.summary, err
	}
	u, err := e.plan(ctx, o, damaged)
	if err != nil {
		return r.summary, errors.Join(err, w.Discard())
	}
	r.summary.Missing, r.summary.Vanished, r.summary.Repaired = u.missing, u.vanished, u.repaired
	if !o.Mirror {
		if failures, idle := u.idle(e.disk()); idle {
			for _, f := range failures {
				r.add(f)
			}
			return e.leaveAsItIs(ctx, r, o, u, w)
		}
	}
	return e.make(ctx, w, r, o, u)
}

// leaveAsItIs is what is done about an archive that is up to date.
func (e *Engine) leaveAsItIs(ctx context.Context, r *report, o CompressOptions, u *update, w *archive.Writer) (Summary, error) {
	r.summary.Idle, r.summary.ArchiveSize, r.summary.Missing = true, u.old.Size(), u.old.Missing()
	r.planned(0, 0)
	r.summary.Kept = map[string]bool{}
	for _, entry := range u.old.Entries() {
		r.summary.Kept[entry.Name] = true
		r.summary.Files = append(r.summary.Files, entry.File)
	}
	err := errors.Join(u.close(), w.Discard())
	if err == nil && o.Verify && o.VerifyAll {
		err = e.verifyNew(ctx, o.Archive, o, r.summary, u.items)
		r.summary.Verified = err == nil
	} else {
		r.summary.Unverified = unverified(r.summary)
	}
	return r.summary, err
}

// idle says whether the update would change nothing. What cannot be read may be missing
// as it was before, and has failed once more.
func (u *update) idle(d disk.FS) (failures []Failed, idle bool) {
	missing := slices.Clone(u.missing)
	for _, it := range u.items {
		switch {
		case it.unlinked:
			return nil, false
		case !it.take:
			file, err := d.Open(it.path)
			if err == nil {
				file.Close() // was not even read from
			}
			if err == nil || it.kind != archive.KindFile {
				return nil, false
			}
			f := newFailed(Compressing, it.path, err)
			failures, missing = append(failures, f), append(missing, archive.Missing{Name: it.name, Reason: f.Err.Error()})
		case !it.gone:
			f := it.old.File
			if it.describe(d, func(Lack, string, error) {}, &f); !reflect.DeepEqual(f, it.old.File) {
				return nil, false
			}
		}
	}
	discards := slices.ContainsFunc(u.steps, func(s Step) bool { return s.Action == Discard })
	return failures, u.old != nil && len(u.renamed) == 0 && !discards && sameMissing(missing, u.old.Missing())
}

// sameMissing says whether the same is missing, for the same reasons.
func sameMissing(a, b []archive.Missing) bool {
	return slices.EqualFunc(a, b, func(a, b archive.Missing) bool {
		a.Kept, b.Kept = false, false
		return a == b
	})
}
