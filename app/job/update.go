package job

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"

	"trilobyte/app/archive"
)

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
	r.events = once(e.send)
	damaged := map[string]error{}
	for before := r.summary; ; r.summary = before {
		summary, err := e.replace(ctx, r, o, damaged)
		var found *DamagedError
		if errors.As(err, &found) && damaged[found.Names[0]] == nil {
			damaged[found.Names[0]] = found.Err // while it was taken over; the next plan may know more
			continue
		}
		var suspected *suspectError
		if !errors.As(err, &suspected) {
			return summary, cannotUpdate(o.Archive, err)
		}
		if err := e.blameBefore(ctx, o.Archive, suspected, damaged); err != nil {
			return summary, err
		}
	}
}

// once passes events on, but failures only the first time: after damage all is done again.
func once(send func(Event)) func(Event) {
	told := map[string]bool{}
	return func(ev Event) {
		if f, ok := ev.(Failed); ok {
			key := f.Name + "\x00" + f.Err.Error()
			if told[key] {
				return
			}
			told[key] = true
		}
		send(ev)
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
	r.summary.Kept, r.summary.moved = map[string]bool{}, map[string]bool{}
	r.summary.Missing, r.summary.Vanished, r.summary.Repaired = u.missing, u.vanished, u.repaired()
	r.summary.Removed = u.removed()
	if u.idle() {
		for _, f := range u.unreadable {
			r.add(f.Failed)
		}
		return e.leaveAsItIs(ctx, r, o, u, w)
	}
	return e.make(ctx, w, r, o, u)
}

// leaveAsItIs is what is done about an archive that is up to date.
func (e *Engine) leaveAsItIs(ctx context.Context, r *report, o CompressOptions, u *update, w *archive.Writer) (Summary, error) {
	r.summary.Idle, r.summary.ArchiveSize, r.summary.Missing = true, u.old.Size(), u.old.Missing()
	r.planned(0, 0)
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
