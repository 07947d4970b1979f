package job

import (
	"fmt"

	"trilobyte/app/archive"
	"trilobyte/codec/stream"
)

// Entry returns the entry of that name in an archive, or of the file that had that name
// on the disk, if what is in it may be used. The error wraps ErrNotInArchive if there is
// none.
func Entry(a *archive.Archive, name string) (*archive.Entry, error) {
	for _, name := range []string{name, archive.EscapeName(name)} {
		for _, e := range a.Entries() {
			if e.Name == name {
				return e, e.Err
			}
		}
	}
	return nil, notInArchive(a, name)
}

// Recordings opens the recordings of an archive, whatever they refer to. Its
// methods may be called by several goroutines, as long as the archive is open.
type Recordings struct {
	coder      func(stream.ModelName) (stream.SegmentCoder, error)
	references *References
}

// Recordings returns what opens those of an archive.
func (c Codec) Recordings(a *archive.Archive) *Recordings {
	return &Recordings{c.coders(a), NewReferences(c, a, keptForPlayers, 1)}
}

// Open returns the decoder of a recording, which gives also what is sound of one
// that is damaged.
func (r *Recordings) Open(e *archive.Entry) (*stream.Decoder, error) {
	d, err := openStream(e, r.coder, true)
	if err != nil {
		return nil, blame(e, err)
	}
	d.Refer(r.references.For(e))
	if size := d.Header().Size(); size != e.Size {
		return nil, fmt.Errorf("the archive says that it has %d bytes, but its compressed data %d", e.Size, size)
	}
	return d, nil
}

// Lost says in words which part of a recording an error of its decoder is about.
func Lost(e *archive.Entry, p stream.Place, err error) error { return blame(e, lostAt(p, err)) }

// blame names the entry that holds the content of another one.
func blame(e *archive.Entry, err error) error {
	if holder := e.Holder(); holder != nil && err != nil {
		return fmt.Errorf("its content is that of %s: %w", holder.Name, err)
	}
	return err
}
