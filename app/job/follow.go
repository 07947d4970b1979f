package job

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"path"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// follower is a target that need not have the same content decoded again for
// another name.
type follower interface {
	// follow makes the file of an entry of that of another one, which this job has
	// made or found in place: as a hard link to it if link is set. It returns the
	// content, or nil if nothing is left to do. Errors mean that the content must be
	// decoded for the entry.
	follow(e, other *archive.Entry, link bool) (content io.ReadCloser, err error)
	// keep deals with what is there already, with the content of an entry: that may
	// differ from it in what else files have. It is to be a hard link to the file of
	// another entry, unless that is nil.
	keep(e, link *archive.Entry) error
}

// outcome is what became of an entry whose content others have, too.
type outcome struct {
	entry  *archive.Entry
	sound  bool // its file is there, or was verified
	losses []error
}

// shared finds, for each entry of a job, those before it with the same content.
type shared struct {
	contents map[*archive.Entry]*outcome // by what holds the content; nil as long as there is none
	files    map[string]*outcome         // by the name of the first hard link
}

// newShared finds what entries share.
func newShared(entries []*archive.Entry) shared {
	s := shared{map[*archive.Entry]*outcome{}, map[string]*outcome{}}
	for _, e := range entries {
		if e.Holder() != nil {
			s.contents[e.Holder()] = nil
		}
		if e.HardLink != "" {
			s.files[e.HardLink] = nil
		}
	}
	return s
}

// add has a task follow those before it, and others this one.
func (s shared) add(t *task) {
	e := t.entry
	holder := e.Holder()
	if holder == nil {
		holder = e
	}
	name := cmp.Or(e.HardLink, e.Name)
	first, shares := s.contents[holder]
	file, linked := s.files[name]
	if !shares && !linked {
		return
	}
	t.outcome = &outcome{entry: e}
	if t.follows = first; shares && first == nil {
		s.contents[holder] = t.outcome
	}
	if linked && file == nil {
		s.files[name] = t.outcome
	} else if linked && sameFile(file.entry, e) {
		t.links = file
	}
}

// sameFile says whether two entries can be one file on the disk: one of them may be what
// that was at an earlier time.
func sameFile(a, b *archive.Entry) bool {
	same := func(a, b disk.Attribute) bool { return a.Name == b.Name && bytes.Equal(a.Value, b.Value) }
	return a.Mode == b.Mode && a.ModTime().Equal(b.ModTime()) && a.Size == b.Size && a.SHA256 == b.SHA256 &&
		slices.EqualFunc(a.Attributes, b.Attributes, same) && slices.Equal(a.Holes, b.Holes) && a.Hidden == b.Hidden
}

// follow makes the file of an entry of what has come out before. done is false if
// its content must be decoded.
func (u *unpacker) follow(ctx context.Context, t *task) (done bool, err error) {
	if t.follows != nil && !t.follows.sound && u.damaged == findAll {
		for _, loss := range t.follows.losses {
			if t.follows.entry == t.entry.Holder() {
				loss = t.blame(loss)
			}
			u.report.failed(t.entry.Name, loss)
		}
		return len(t.follows.losses) > 0, nil
	}
	if t.links != nil && t.links.sound {
		_, err := u.follower.follow(t.entry, t.links.entry, true)
		if err == nil {
			u.complete(t)
			return true, nil
		}
		t.unlinked = err
	}
	if t.follows == nil || !t.follows.sound {
		return false, nil
	}
	content, err := u.follower.follow(t.entry, t.follows.entry, false)
	if err != nil || content == nil {
		if err == nil {
			u.complete(t)
		}
		return err == nil, nil
	}
	defer content.Close() // was only read from
	out, err := u.target.begin(ctx, t.entry, nil)
	if err != nil {
		return true, err
	}
	u.current = &unpacking{out: out, digest: newDigest()}
	_, err = copyPausing(ctx, u.gate, u.current, io.LimitReader(content, t.entry.Size))
	if err == nil {
		err = compare(t.entry, nil, u.current.digest)
	}
	if err != nil {
		failed := u.current.failed
		u.target.abort()
		u.current = nil
		if failed || ctx.Err() != nil {
			return true, err
		}
		return false, nil
	}
	return true, u.commit(t)
}

// lacksLink notes that a file is no hard link for the lack of these.
func (u *unpacker) lacksLink(t *task, err error) {
	if err != nil {
		u.report.lacks(LackHardLinks, t.entry.Name, disk.WithoutPath(err))
	}
}

// complete reports a file that has come out.
func (u *unpacker) complete(t *task) {
	t.progress.end()
	if t.outcome != nil {
		t.outcome.sound = true
	}
	u.lacksLink(t, t.unlinked)
	u.report.done(t.entry.File)
}

// alone decodes an entry that could not follow another one.
func (u *unpacker) alone(ctx context.Context, t *task) error {
	t.follows, t.links, t.pieces = nil, nil, 1
	if err := u.open(t); err != nil {
		return u.consume(ctx, piece{task: t, err: err})
	}
	for i := range t.pieces {
		if err := u.consume(ctx, t.piece(ctx, i)); err != nil {
			return err
		}
	}
	return nil
}

// blame names the entry that holds the content of the task's, where that is
// another one.
func (t *task) blame(err error) error { return blame(t.entry, err) }

// follow implements follower.
func (nowhere) follow(_, _ *archive.Entry, _ bool) (io.ReadCloser, error) { return nil, nil }

// keep implements follower.
func (nowhere) keep(_, _ *archive.Entry) error { return nil }

// follow implements follower.
func (f *folder) follow(e, other *archive.Entry, link bool) (io.ReadCloser, error) {
	if !link {
		return f.root.Open(placeOf(other))
	}
	return nil, f.nameLink(e, func() error { return f.hardLink(e, other) })
}

// hardLink makes a link to the file of another entry under a temporary name in the folder
// that an entry belongs into.
func (f *folder) hardLink(e, other *archive.Entry) error {
	dir := path.Dir(placeOf(e))
	if err := f.makeAll(dir); err != nil {
		return err
	}
	temp := path.Join(dir, disk.TempName())
	if err := f.writable(dir, func() error { return f.root.Link(placeOf(other), temp) }); err != nil {
		return err
	}
	f.temp = temp
	return nil
}
