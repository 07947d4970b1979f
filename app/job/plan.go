package job

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"trilobyte/app/archive"
)

// update is what is to be done about an archive that is there already.
type update struct {
	old       *archive.Archive  // nil if there is none
	items     []item            // of the archive to be made, in their order
	discarded []Step            // entries that are not taken over
	renamed   map[string]string // names of entries that are kept under another one
	missing   []archive.Missing
	// vanished is what was missing before, and is gone from the disk now.
	vanished []archive.Missing
	// unreadable are files that cannot be opened, as they will be reported.
	unreadable []unreadable
	damaged    map[string]error // entries of the old archive, and what is wrong with them
	former     *former
}

// unreadable is a file that cannot be opened.
type unreadable struct {
	name string // in the archive
	Failed
}

func (u *update) close() error {
	if u.old == nil {
		return nil
	}
	return u.old.Close()
}

// plan compares the sources with the archive, of which those entries are known to be
// damaged, and adds what else is, as far as that is seen without decoding. The caller
// closes what it returns.
func (e *Engine) plan(ctx context.Context, o CompressOptions, damaged map[string]error) (*update, error) {
	for {
		u, err := e.planWith(ctx, o, damaged)
		if err != nil {
			return nil, err
		}
		found, err := u.checkTaken(ctx)
		if err == nil && !found {
			return u, nil
		}
		if err := errors.Join(err, u.close()); err != nil {
			return nil, err
		}
	}
}

func (e *Engine) planWith(ctx context.Context, o CompressOptions, damaged map[string]error) (*update, error) {
	old, err := archive.Open(e.disk(), o.Archive)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return nil, fmt.Errorf("%s cannot be updated: %w", o.Archive, err)
	}
	u := &update{old: old, missing: slices.Clone(o.Sources.missing), damaged: damaged, renamed: map[string]string{}}
	u.former = newFormer(e.Codec, o, u)
	if err := e.fillPlan(ctx, u, o); err != nil {
		return nil, errors.Join(err, u.close())
	}
	return u, nil
}

func (e *Engine) fillPlan(ctx context.Context, u *update, o CompressOptions) error {
	if err := e.mergeItems(ctx, u, o); err != nil {
		return err
	}
	if err := e.findContents(ctx, u); err != nil {
		return err
	}
	for i := range u.items {
		u.checkReadable(e.disk(), &u.items[i])
	}
	if err := e.findMends(ctx, u); err != nil {
		return err
	}
	u.order()
	u.link()
	u.decide(e.disk())
	return u.beyondRepair()
}

// mergeItems puts the sources and what the archive has into one order, and finds out
// which of them are the same.
func (e *Engine) mergeItems(ctx context.Context, u *update, o CompressOptions) error {
	m := &merger{update: u, entries: map[string]int{}, kinds: map[string]archive.Kind{}, sources: map[string]item{}, mirror: o.Mirror}
	own, err := e.disk().Stat(o.Archive)
	if err != nil {
		own = nil
	}
	items := slices.DeleteFunc(slices.Clone(o.Sources.items), func(it item) bool { return own != nil && os.SameFile(it.info, own) })
	for _, it := range items {
		m.sources[it.name] = it
	}
	var entries []*archive.Entry
	if u.old != nil {
		if err := soundToUpdate(u.old); err != nil {
			return fmt.Errorf("%s cannot be updated: %w", o.Archive, err)
		}
		entries = u.old.Entries()
		for i, entry := range entries {
			m.entries[entry.Name], m.kinds[entry.Name] = i, kindOnDisk(entry.Kind)
		}
		m.before = u.old.Missing()
		if !o.Mirror {
			m.remember()
		}
	}
	for _, it := range items {
		it.action = Add
		if i, ok := m.entries[it.name]; ok && m.kinds[it.name] == it.kind {
			m.gone(i)
			it.old = entries[i]
			if err := e.compareWithOld(ctx, u, &it, o.Checksum || o.Mirror || m.outdated(it.name)); err != nil {
				return err
			}
		}
		m.items = append(m.items, it)
	}
	m.gone(len(entries))
	return nil
}

// compareWithOld finds out whether what the archive has under the name of an item can be
// taken over. A folder that cannot be looked into stays what it was: its mode is only
// what keeps that from being seen.
func (e *Engine) compareWithOld(ctx context.Context, u *update, it *item, checksum bool) (err error) {
	it.action = Change
	if it.kind == archive.KindFolder && slices.ContainsFunc(u.missing, func(m archive.Missing) bool { return m.Name == it.name && m.Folder }) {
		it.take, it.gone, it.action = true, true, Retain
		return nil
	}
	if it.take, err = e.sameContent(ctx, *it, &it.old.File, checksum); err != nil || !it.take {
		return err
	}
	it.action = Same
	if u.damage(*it) != nil {
		it.take, it.action = false, Repair
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
func (e *Engine) sameContent(ctx context.Context, it item, f *archive.File, checksum bool) (bool, error) {
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

// findContents finds files that are new, or not what they were, but whose content the
// archive has under another name.
func (e *Engine) findContents(ctx context.Context, u *update) error {
	held, sizes := map[string]*archive.Entry{}, map[int64]bool{}
	if u.old == nil {
		return nil
	}
	for _, h := range u.old.Entries() {
		if hasContent(h.Kind) && h.Holder() == nil && h.Size > 0 && u.damaged[h.Name] == nil {
			held[h.SHA256], sizes[h.Size] = h, true
		}
	}
	for i := range u.items {
		it := &u.items[i]
		if it.take || it.kind != archive.KindFile || !sizes[it.info.Size()] {
			continue
		}
		sum, err := e.sumOf(ctx, *it)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if h := held[hex.EncodeToString(sum)]; err == nil && h != nil {
			it.other, it.take = h, true
		}
	}
	return nil
}

// content returns the entry that holds the content to be taken over.
func (it item) content() *archive.Entry {
	e := cmp.Or(it.other, it.old)
	return cmp.Or(e.Holder(), e)
}

// unread says whether a file is taken over without being read. A mirror reads all that
// is there, to see what they share.
func (it item) unread(mirror bool) bool {
	return it.take && (it.gone || !mirror)
}

// size is how many bytes of a file are to be archived.
func (it item) size() int64 {
	if it.kind != archive.KindFile || it.info == nil {
		return 0
	}
	return it.info.Size()
}
