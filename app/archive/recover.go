package archive

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
)

// line is an entry of ZIP that an interrupted run has written.
type line struct {
	journalEntry
	number    int   // of bundles before it
	content   int64 // where the compressed bytes of its first file begin
	end       int64 // of the line in the journal
	described bool  // as something else than is in the archive
}

// recovered is one of the user's entries that an interrupted run has written.
type recovered struct {
	File
	line      *line
	described bool // as something else than is in the archive
}

// Recovered is the whole entries that an interrupted run has left.
type Recovered []recovered

// Files is what is known about the entries, in their order.
func (r Recovered) Files() []File {
	files := make([]File, len(r))
	for i := range r {
		files[i] = r[i].File
	}
	return files
}

// Describe has Keep describe an entry anew. Only what is said of it beside its name, kind
// and content may be another.
func (r Recovered) Describe(i int, f File) {
	if !reflect.DeepEqual(r[i].File, f) {
		r[i].File, r[i].described = f, true
	}
}

// maxJournal is how much of a journal is read: more than any has.
const maxJournal = 1 << 30

// Recover returns the whole entries that an interrupted run has left of this
// archive, coded with the same model, if that did not update another one. Those
// that Keep is given, which must be the first of them, need not be written again.
// They have all been read and
// compared with their checksums; whether they are what the user's files are by
// now is for the caller to say. The error is one of reading, or the context's.
func (w *Writer) Recover(ctx context.Context) (Recovered, error) {
	p := w.part
	if p.journal == nil || w.begun {
		return nil, nil
	}
	journal, err := io.ReadAll(io.LimitReader(io.NewSectionReader(p.journal, 0, maxJournal), maxJournal))
	if err != nil {
		return nil, w.failed(err)
	}
	info, err := p.file.Stat()
	if err != nil {
		return nil, w.failed(err)
	}
	var h journalHeader
	rest, ok := cutLine(journal, &h)
	if !ok || h != w.journalHeader() {
		return nil, nil
	}
	var list Recovered
	offset, bundles, open := int64(0), 0, false
	for {
		l := &line{number: bundles}
		if rest, ok = cutLine(rest, &l.journalEntry); !ok || !l.possible() {
			return list, nil
		}
		if open = open || len(l.Data) > 0; open && (len(l.Data) == 0 || l.At != offset) {
			return list, nil // it is what another one has taken the place of
		}
		if !open {
			if offset, err = w.wholeTo(ctx, l, offset, info.Size()); err != nil {
				return nil, w.failed(err)
			}
			if offset < 0 {
				return list, nil
			}
		}
		l.end = int64(len(journal) - len(rest))
		if l.Method == methodBundle {
			bundles++
		}
		for _, f := range l.Files {
			list = append(list, recovered{File: f, line: l})
		}
	}
}

func (w *Writer) journalHeader() journalHeader {
	return journalHeader{Version: Version, Model: fmt.Sprintf("%x", w.model), Update: w.part.replace}
}

// possible says whether a line is one that a Writer may have written.
func (l *line) possible() bool {
	return (len(l.Files) == 1 || len(l.Files) > 1 && l.Method == methodBundle) &&
		!slices.ContainsFunc(l.Files, func(f File) bool { return f.Compressed < 0 }) &&
		(len(l.Data) == 0 || len(l.Files) == 1 && l.Files[0].Compressed == int64(len(l.Data)))
}

// sizeOf is how many compressed bytes files have.
func sizeOf(files []File) (size int64) {
	for _, f := range files {
		size += f.Compressed
	}
	return size
}

// wholeTo returns where an entry of ZIP ends that is in the archive, of size bytes, at
// offset. It is negative if it is not there, or not whole.
func (w *Writer) wholeTo(ctx context.Context, l *line, offset, size int64) (end int64, err error) {
	f, head, err := l.entry(l.number + 1)
	if err != nil {
		return -1, err
	}
	want := append(localHeader(header(l.Method, f)), head...)
	at := offset + int64(len(want))
	if at > size {
		return -1, nil
	}
	got := make([]byte, len(want))
	if _, err := w.file.ReadAt(got, offset); err != nil {
		return -1, err
	}
	if !bytes.Equal(got, want) {
		return -1, nil
	}
	l.content = at
	for _, f := range l.Files {
		if f.Compressed > size-at {
			return -1, nil
		}
		sum, err := checksum(ctx, io.NewSectionReader(w.file, at, f.Compressed))
		if err != nil || sum != f.CRC32C {
			return -1, err
		}
		at += f.Compressed
	}
	return at, nil
}

// Keep keeps these entries, which are the first of those that Recover has
// returned, and forgets the others. It must come before the first Begin. The
// error is a WriteError.
func (w *Writer) Keep(r Recovered) error {
	if w.begun {
		return nil
	}
	w.begun = true
	var kept []line
	for len(r) > 0 {
		var l line
		files := len(r[0].line.Files)
		l, r = r.cut()
		if len(l.Data) > 0 || len(l.Files) < files {
			if err := w.reopen(l); err != nil {
				return w.failed(err)
			}
			continue
		}
		if err := w.register(l); err != nil {
			return w.failed(err)
		}
		kept = append(kept, l)
	}
	if err := w.part.begin(w.place.offset, kept, w.bundle.open(w.place.offset), w.journalHeader()); err != nil {
		return w.failed(err)
	}
	return nil
}

// cut returns the first entry of ZIP, with as many of its files as there are and what is
// said of them now.
func (r Recovered) cut() (l line, rest Recovered) {
	l = *r[0].line
	l.Files = nil
	for len(r) > 0 && r[0].line.end == l.end {
		l.Files = append(l.Files, r[0].File)
		l.described = l.described || r[0].described
		r = r[1:]
	}
	return l, r
}

// reopen gathers files again: more of them may share their entry of ZIP.
func (w *Writer) reopen(l line) error {
	data := l.Data
	if len(data) == 0 {
		data = make([]byte, sizeOf(l.Files))
		if _, err := w.file.ReadAt(data, l.content); err != nil {
			return err
		}
	}
	w.bundle.data = append(w.bundle.data, data...)
	for _, f := range l.Files {
		w.note(f, w.next())
		w.bundle.add(f)
	}
	return nil
}

// register tells archive/zip of an entry that is in the archive.
func (w *Writer) register(l line) error {
	f, _, err := l.entry(l.number + 1)
	if err != nil {
		return err
	}
	start := w.place.offset
	w.place.counting = !l.described // has another local header, as long as the one before
	err = w.commit(l.Method, f)
	w.place.counting = false
	if err != nil {
		return err
	}
	for _, f := range l.Files {
		w.note(f, start)
		start += f.Compressed
	}
	w.enter(l.journalEntry, f)
	return nil
}
