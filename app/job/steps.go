package job

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// Action is what an update does about a name.
type Action string

// The actions of updates.
const (
	Add      Action = "add"      // it is new
	Change   Action = "change"   // it is another one than in the archive
	Describe Action = "describe" // its time, mode, attributes or links are others; its content is taken over
	Same     Action = "same"     // it is taken over
	Recode   Action = "recode"   // it is the same, but compressed anew: what it refers to is no longer there
	Repair   Action = "repair"   // it is damaged in the archive, and archived anew
	Keep     Action = "keep"     // it is gone from the disk, and taken over
	Retain   Action = "retain"   // it cannot be read, and what the archive has of it is taken over
	Discard  Action = "discard"  // it is gone from the disk, and not taken over

	leaveOut Action = "" // it cannot be read, and the archive has nothing of it
)

// Step is what an update does about a name.
type Step struct {
	Action Action
	Name   string       // in the archive
	Kind   archive.Kind // recordings that are new are files
	Size   int64        // bytes of the original
}

// PlanUpdate returns what Compress would do to update an archive, and what cannot be
// read. What a mirror compresses anew because of what it shares with others counts as the
// same. Damage is found that can be seen without decoding; for VerifyAll all that would be
// taken over is decoded. Errors are those of Compress.
func (e *Engine) PlanUpdate(ctx context.Context, o CompressOptions) (steps []Step, failures []Failed, err error) {
	if err := e.scanSources(ctx, &o); err != nil {
		return nil, nil, err
	}
	damaged := map[string]error{}
	for {
		u, err := e.plan(ctx, o, damaged)
		if err != nil {
			return nil, nil, cannotUpdate(o.Archive, err)
		}
		found := false
		if o.VerifyAll && u.old != nil {
			found, err = e.damageBefore(ctx, u, o.Archive)
		}
		if err = errors.Join(err, u.close()); err != nil {
			return nil, nil, err
		}
		if !found {
			failures = slices.Clone(o.Sources.failures)
			for _, f := range u.unreadable {
				failures = append(failures, f.Failed)
			}
			return u.steps(), failures, nil
		}
	}
}

// cannotUpdate adds its name to the error of an archive that is damaged.
func cannotUpdate(path string, err error) error {
	if errors.Is(err, ErrDamagedBefore) {
		return fmt.Errorf("%s cannot be updated: %w", path, err)
	}
	return err
}

// steps lists what is to be done.
func (u *update) steps() (steps []Step) {
	for _, it := range u.items {
		step := Step{it.action, it.name, it.kind, it.size()}
		if it.gone {
			step.Kind, step.Size = it.old.Kind, it.old.Size
		}
		if it.action != leaveOut {
			steps = append(steps, step)
		}
	}
	return append(steps, u.discarded...)
}

// decide says what is to be done about each item, as far as that can be known before it
// is done.
func (u *update) decide(d disk.FS) {
	for i := range u.items {
		it := &u.items[i]
		if it.kind == archive.KindFile && it.unread(u.former.exact) && it.mendedBy == "" && !u.former.takes(*it) {
			it.take, it.other = false, nil
			if it.action == Same {
				it.action = Recode
			}
			u.checkReadable(d, it)
		}
		if it.action == Same && it.differs(d) {
			it.action = Describe
		}
	}
	if u.idle() {
		for i := range u.items {
			if u.items[i].action == Recode {
				u.items[i].action = Same
			}
		}
	}
}

// differs says whether something beside the content of an item is another one than in
// the archive.
func (it item) differs(d disk.FS) bool {
	f := it.old.File
	it.describe(d, func(Lack, string, error) {}, &f)
	f.HardLink = it.link
	return !reflect.DeepEqual(f, it.old.File)
}

// checkReadable finds out whether a file can be opened if it is to be compressed.
func (u *update) checkReadable(d disk.FS, it *item) {
	if it.take || it.gone || it.kind != archive.KindFile {
		return
	}
	file, err := d.Open(it.path)
	if err == nil {
		file.Close() // was not even read from
		return
	}
	u.unreadable = append(u.unreadable, unreadable{it.name, newFailed(Compressing, it.path, err)})
	if it.action = Retain; it.old == nil {
		it.action = leaveOut
	}
}

// idle says whether the update would change nothing. What cannot be read may be missing
// as it was before, and has failed once more.
func (u *update) idle() bool {
	if u.old == nil || u.former.exact || len(u.renamed) > 0 || len(u.discarded) > 0 {
		return false
	}
	for _, it := range u.items {
		if it.mendedBy != "" {
			return false
		}
		switch it.action {
		case Add, Change, Describe, Repair:
			return false
		}
	}
	missing := slices.Clone(u.missing)
	for _, f := range u.unreadable {
		missing = append(missing, archive.Missing{Name: f.name, Reason: f.Err.Error()})
	}
	return slices.EqualFunc(missing, u.old.Missing(), func(a, b archive.Missing) bool {
		a.Kept, b.Kept = false, false
		return a == b
	})
}

// removed are the names of files and links that are gone from the disk, and not taken over.
func (u *update) removed() (names []string) {
	for _, s := range u.discarded {
		if s.Kind != archive.KindFolder {
			names = append(names, s.Name)
		}
	}
	return names
}

// repaired are the names of what is archived anew because it was damaged.
func (u *update) repaired() (names []string) {
	for _, it := range u.items {
		if it.action == Repair {
			names = append(names, it.name)
		}
	}
	return names
}
