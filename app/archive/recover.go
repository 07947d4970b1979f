package archive

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"reflect"
)

// recovered is an entry that an interrupted run has written.
type recovered struct {
	journalEntry
	end        int64 // of the entry in the archive
	journalEnd int64 // of its line in the journal
	described  bool  // as something else than is in the archive
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
	offset := int64(0)
	for {
		r := recovered{}
		if rest, ok = cutLine(rest, &r.journalEntry); !ok {
			return list, nil
		}
		whole, err := w.isWhole(ctx, &r, offset, info.Size())
		if err != nil {
			return nil, w.failed(err)
		}
		if !whole {
			return list, nil
		}
		offset = r.end
		r.journalEnd = int64(len(journal) - len(rest))
		list = append(list, r)
	}
}

func (w *Writer) journalHeader() journalHeader {
	return journalHeader{Version: Version, Model: fmt.Sprintf("%x", w.model), Update: w.part.replace}
}

// isWhole says whether an entry is in the archive, of size bytes, at offset.
func (w *Writer) isWhole(ctx context.Context, r *recovered, offset, size int64) (bool, error) {
	want := localHeader(header(r.Method, r.File))
	start := offset + int64(len(want))
	if r.File.Compressed < 0 || start > size || r.File.Compressed > size-start {
		return false, nil
	}
	got := make([]byte, len(want))
	if _, err := w.file.ReadAt(got, offset); err != nil {
		return false, err
	}
	if !bytes.Equal(got, want) {
		return false, nil
	}
	r.end = start + r.File.Compressed
	sum, err := checksum(ctx, io.NewSectionReader(w.file, start, r.File.Compressed))
	return sum == r.File.CRC32C, err
}

// Keep keeps these entries, which are the first of those that Recover has
// returned, and forgets the others. It must come before the first Begin. The
// error is a WriteError.
func (w *Writer) Keep(r Recovered) error {
	if w.begun {
		return nil
	}
	w.begun = true
	for _, e := range r {
		start := w.place.offset
		if err := w.register(e); err != nil {
			return w.failed(err)
		}
		w.note(e.Method, e.File, start)
	}
	if err := w.part.begin(w.place.offset, r, w.journalHeader()); err != nil {
		return w.failed(err)
	}
	return nil
}

// register tells archive/zip of an entry that is in the archive.
func (w *Writer) register(e recovered) error {
	w.place.counting = !e.described // has another local header, as long as the one before
	defer func() { w.place.counting = false }()
	return w.commit(e.Method, e.File)
}
