package job

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// suspectError says that what an update has made is not verified, and that this may be
// for entries that it has taken over. They are named as they are in the archive that is
// updated.
type suspectError struct {
	names    map[string]bool
	failures []Failed // why it is not verified
}

// Error implements error.
func (*suspectError) Error() string { return ErrNotVerified.Error() }

// DamagedError says that an update would have to lose something, because it is damaged in
// the archive, and nothing on the disk has its content any more. It wraps
// ErrDamagedBefore.
type DamagedError struct {
	Names    []string // in the archive, at least one
	Mendable []string // names of what is damaged, too, but could be archived anew
	Err      error    // what is wrong with the first one
}

// Error implements error.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s %v: %v", e.Names[0], ErrDamagedBefore, e.Err)
}

// Unwrap returns what the error wraps.
func (e *DamagedError) Unwrap() []error { return []error{ErrDamagedBefore, e.Err} }

// damagedBefore is the error of an entry of the archive that is updated.
func damagedBefore(name string, err error) error {
	return &DamagedError{Names: []string{name}, Err: disk.WithoutPath(err)}
}

// damage is what is wrong with what would be taken over of an item, or nil.
func (u *update) damage(it item) error {
	for _, e := range it.entries() {
		if err := u.damaged[e.Name]; err != nil {
			return err
		}
	}
	return nil
}

// onlyInArchive says whether an item has no file on the disk that it could be archived
// anew from.
func (it item) onlyInArchive() bool { return it.stays() && (it.gone || it.action == Retain) }

// findMends finds, for what is damaged and only in the archive, files on the disk that have
// the same content.
func (e *Engine) findMends(ctx context.Context, u *update) error {
	damaged, sizes := map[string][]*item{}, map[int64]bool{} // by SHA-256
	for i := range u.items {
		it := &u.items[i]
		if it.kind == archive.KindFile && it.onlyInArchive() && it.old.Size > 0 && u.damage(*it) != nil {
			damaged[it.old.SHA256], sizes[it.old.Size] = append(damaged[it.old.SHA256], it), true
		}
	}
	for _, it := range u.items {
		if it.gone || it.kind != archive.KindFile || !sizes[it.info.Size()] {
			continue
		}
		sum, err := e.sumOf(ctx, it)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		content := hex.EncodeToString(sum)
		if err != nil || it.take && it.content().SHA256 != content {
			continue
		}
		for _, lost := range damaged[content] {
			if lost.mendedBy = it.name; lost.action == Keep {
				lost.action = Repair
			}
		}
		delete(damaged, content)
	}
	return nil
}

// beyondRepair is the error of what is damaged, and would be lost, or nil.
func (u *update) beyondRepair() error {
	var lost *DamagedError
	for _, it := range u.items {
		if !it.onlyInArchive() || it.mendedBy != "" {
			continue
		}
		err := u.damage(it)
		if err == nil {
			continue
		}
		if lost == nil {
			lost = &DamagedError{Mendable: u.repaired(), Err: disk.WithoutPath(err)}
		}
		lost.Names, u.damaged[it.old.Name] = append(lost.Names, it.old.Name), err
	}
	if lost == nil {
		return nil
	}
	return lost
}

// checkTaken checks what is to be taken over, without decoding it, and says whether damage
// was found that was not known.
func (u *update) checkTaken(ctx context.Context) (found bool, err error) {
	for _, it := range u.items {
		if !it.stays() {
			continue
		}
		for _, e := range it.entries() {
			if u.damaged[e.Name] != nil {
				continue
			}
			err := e.Check(ctx)
			if err == nil && e.Kind == archive.KindRecording {
				_, err = headerOf(e)
			}
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			if err != nil {
				u.damaged[e.Name], found = err, true
			}
		}
	}
	return found, nil
}

// stays says whether what the archive that is updated has of an item, or its content, is
// to be in the new one. Nothing of a folder that is gone can be lost.
func (it item) stays() bool {
	if it.gone {
		return it.kind != archive.KindFolder
	}
	return it.take || it.action == Retain || it.action == Same
}

// entries are those of the archive that is updated that an item is taken over from: that
// of its name, and that which holds its content.
func (it item) entries() []*archive.Entry {
	if e := it.content(); it.other != nil || e == it.old {
		return []*archive.Entry{e}
	}
	return []*archive.Entry{it.old, it.content()}
}

// damageBefore decodes what an update would take over, and says whether damage was found
// that was not known.
func (e *Engine) damageBefore(ctx context.Context, u *update, path string) (found bool, err error) {
	names := map[string]bool{}
	for _, it := range u.items {
		if it.stays() {
			for _, e := range it.entries() {
				names[e.Name] = true
			}
		}
	}
	return e.findDamage(ctx, path, names, u.damaged, func(ev Event) {
		switch ev.(type) {
		case Planned, Progress: // it may take long
			e.send(ev)
		}
	})
}

// findDamage verifies entries of the archive that is updated, and adds those that are
// damaged, and were not known to be, with why. Other events go to others.
func (e *Engine) findDamage(ctx context.Context, path string, names map[string]bool, damaged map[string]error, others func(Event)) (found bool, err error) {
	r := &report{phase: Verifying, events: func(ev Event) {
		f, ok := ev.(Failed)
		if !ok {
			others(ev)
		} else if damaged[f.Name] == nil {
			damaged[f.Name], found = f.Err, true
		}
	}}
	_, err = e.verify(ctx, r, path, func(entry *archive.Entry) bool { return names[entry.Name] })
	return found, err
}

// blameBefore finds out whether what an update has made is not verified because of damage
// that was there before. If it is not, what the update has taken over does not come back
// as it was read, and that is told.
func (e *Engine) blameBefore(ctx context.Context, path string, suspected *suspectError, damaged map[string]error) error {
	if found, err := e.findDamage(ctx, path, suspected.names, damaged, func(Event) {}); found || err != nil {
		return err
	}
	for _, f := range suspected.failures {
		e.send(f)
	}
	return ErrNotVerified
}

// verifyNew verifies an archive that has been made, or left, by a job with that result,
// but has not got its name yet. What an update of those items has taken over is verified
// only if that is wanted.
func (e *Engine) verifyNew(ctx context.Context, temp string, o CompressOptions, made Summary, items []item) error {
	files := map[string]archive.File{}
	for _, f := range made.Files {
		files[f.Name] = f
	}
	suspected, suspects, failed := &suspectError{names: map[string]bool{}}, map[string]bool{}, false
	r := &report{phase: Verifying, events: func(ev Event) {
		f, ok := ev.(Failed)
		if !ok {
			e.send(ev)
			return
		}
		taken := slices.DeleteFunc(slices.Concat(files[f.Name].RefersTo, []string{f.Name, files[f.Name].SameAs}), func(name string) bool { return !made.Kept[name] && !made.moved[name] })
		for _, name := range taken {
			suspects[name] = true
		}
		if len(taken) == 0 {
			failed = true
			e.send(ev)
		} else {
			suspected.failures = append(suspected.failures, f)
		}
	}}
	_, err := e.verify(ctx, r, temp, func(entry *archive.Entry) bool {
		return o.VerifyAll || !made.Kept[entry.Name] || !hasContent(entry.Kind)
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("reading %s again, to verify it: %w", o.Archive, disk.WithoutPath(err))
	case failed:
		return ErrNotVerified
	case len(suspects) == 0:
		return nil
	}
	for _, it := range items {
		if suspects[it.name] && (it.old != nil || it.other != nil) {
			for _, e := range it.entries() {
				suspected.names[e.Name] = true
			}
		}
	}
	return suspected
}

// hasContent says whether entries of a kind are of files; others take no time.
func hasContent(k archive.Kind) bool { return k == archive.KindRecording || k == archive.KindFile }

// unverified is how many files an update has taken over, which verifyNew passes over.
func unverified(made Summary) int {
	n := 0
	for _, f := range made.Files {
		if made.Kept[f.Name] && hasContent(f.Kind) {
			n++
		}
	}
	return n
}
