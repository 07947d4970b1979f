package recording

// layout is how a container lays out its chunks.
type layout struct {
	header int   // bytes of the header of a chunk
	align  int64 // bodies of chunks are padded to a multiple of it
	// chunk takes a header apart: identifier, and bytes of the body that follows,
	// or a negative number if they are not known. id is nil if it is no header.
	chunk   func(b []byte) (id []byte, size int64)
	known   map[string]bool // identifiers that are proof of a chunk
	audioID string          // the identifier of chunks of audio
}

// chunk is a chunk of a file.
type chunk struct {
	id   string
	pos  int64 // of its header
	body int64 // the first byte behind its header
	size int64 // bytes of the body as declared, negative if not known
}

// end is where the body ends as declared.
func (c chunk) end() int64 { return c.body + c.size }

// walk goes from chunk to chunk through one recording, and collects its audio.
type walk struct {
	*finder
	layout
	start  int64 // first byte of the recording
	last   int64 // where the recording ends as its header says, 0 if that is not known
	format *Format
	frames int64 // of the audio as another chunk than that of the audio says, or 0
	pieces []piece

	// What is no fault in this container: a length that is not known, and audio
	// before its description.
	anyLength, anyOrder bool

	refuse *Reason // why there is no format, though it is described
}

// piece is a part of the audio.
type piece struct {
	offset, size int64 // bytes
	declared     int64 // bytes, negative if not known
}

// at returns the chunk whose header is at pos; ok is false if there is none, or
// nothing that could be one.
func (w *walk) at(pos int64) (c chunk, ok bool) {
	b := w.bytes(pos, w.header)
	if len(b) < w.header {
		return chunk{}, false
	}
	id, size := w.chunk(b)
	if id == nil {
		return chunk{}, false
	}
	c = chunk{id: string(id), pos: pos, body: pos + int64(w.header), size: size}
	if w.known[c.id] {
		return c, true
	}
	for _, char := range id {
		if !identifier(char) {
			return chunk{}, false
		}
	}
	return c, c.size >= 0 && c.size <= min(w.size-c.body, maxUnknown)
}

// maxUnknown is the most bytes that a chunk of an unknown kind is believed to
// have: less than four printable characters make, since it may be text.
const maxUnknown = 0x20202020 - 1

// identifier reports whether c may be in an identifier of a chunk.
func identifier(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' ||
		c == ' ' || c == '_' || c == '-' || c == '.' || c == '(' || c == ')'
}

// knownAt reports whether a chunk of a known kind, or another recording, begins
// at pos.
func (w *walk) knownAt(pos int64) bool {
	c, ok := w.at(pos)
	return ok && w.known[c.id] || pos < w.size && w.containerAt(pos) != nil
}

// aligned returns where the chunk should begin that follows one whose body is
// [body, end).
func (w *walk) aligned(body, end int64) int64 {
	return end + (w.align-(end-body)%w.align)%w.align
}

// boundary returns where the next chunk, another recording, or the end of the
// file is, behind a chunk whose body is [body, end); ok is false if there is none
// of them. Not every program pads chunks as it should.
func (w *walk) boundary(body, end int64) (next int64, ok bool) {
	if end > w.size {
		return end, false
	}
	aligned := w.aligned(body, end)
	switch {
	case w.knownAt(aligned):
		return aligned, true
	case aligned != end && w.knownAt(end):
		return end, true
	case aligned >= w.size:
		return w.size, true
	}
	if _, ok := w.at(aligned); ok {
		return aligned, true
	}
	_, ok = w.at(end)
	return end, ok
}

// walkFrom calls visit for every chunk from pos on. If it returns true, the chunk
// is of audio, lead bytes into its body; if it returns false, lead is where
// within the body the walk goes on, or negative: behind the chunk.
func (w *walk) walkFrom(pos int64, visit func(c chunk) (audio bool, lead int64)) int64 {
	for w.size-pos >= int64(w.header) {
		if w.chunks++; w.chunks > maxChunks {
			w.note(Note{Kind: TooManyChunks, Offset: pos})
			return w.size
		}
		if w.containerAt(pos) != nil {
			return pos
		}
		c, ok := w.at(pos)
		if !ok {
			if len(w.pieces) > 0 {
				return pos
			}
			if pos = w.searchChunk(pos); pos < 0 {
				return w.size
			}
			continue
		}
		audio, lead := visit(c)
		switch {
		case audio:
			pos = w.piece(c, lead)
		case lead >= 0:
			pos = c.body + lead
		default:
			pos = w.behind(c)
		}
	}
	return pos
}

// behind returns where the chunk after c begins. If that is not where it should
// be, it is looked for.
func (w *walk) behind(c chunk) int64 {
	if c.size >= 0 && c.size <= w.size-c.body {
		if next, ok := w.boundary(c.body, c.end()); ok {
			if next < w.aligned(c.body, c.end()) && next < w.size {
				w.note(Note{Kind: PadByte, Offset: c.pos, Name: c.id})
			}
			return next
		}
		if len(w.pieces) > 0 || w.size-c.end() < int64(w.header) {
			return c.end()
		}
	}
	next := w.searchChunk(c.body)
	if next < 0 {
		next = w.size
	}
	w.note(Note{Kind: ChunkSize, Offset: c.pos, Name: c.id, Declared: c.size, Found: next - c.body})
	return next
}

// searchChunk searches for a chunk from pos on, and returns where it is, or -1.
func (w *walk) searchChunk(pos int64) int64 {
	return w.search(pos, w.size, w.header, func(at int64, b []byte) bool {
		id, size := w.chunk(b[:w.header])
		if id == nil || !w.known[string(id)] {
			return false
		}
		rest := w.size - at - int64(w.header)
		if string(id) == w.audioID {
			// Its size may be wrong, too, but it is no text, and not 0 as in a cue
			// chunk, where the identifier may stand, too.
			return size > 0 && size <= rest || size != 0 && !printable(b[w.header-4:w.header])
		}
		if size < 0 || size > rest {
			return false
		}
		w.scanned += windowSize
		body := at + int64(w.header)
		_, ok := w.boundary(body, body+size)
		return ok
	})
}

// printable reports whether b is text without anything but ASCII.
func printable(b []byte) bool {
	for _, c := range b {
		if (c < 0x20 || c > 0x7E) && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// describe takes the description of the audio, or why it cannot be used. The
// first one that can be used counts.
func (w *walk) describe(f Format, refuse *Reason) {
	switch {
	case refuse != nil && w.refuse == nil:
		w.refuse = refuse
	case refuse == nil && w.format == nil:
		w.format = &f
		if len(w.pieces) > 0 && !w.anyOrder {
			w.note(Note{Kind: FormatBehind, Offset: w.pieces[0].offset})
		}
	}
}

// finish makes spans of the pieces of audio, once all is known.
func (w *walk) finish() {
	if w.format == nil {
		switch {
		case w.refuse != nil:
			w.reason(*w.refuse)
		case len(w.pieces) > 0:
			w.reason(Reason{Kind: NoFormat})
		}
		return
	}
	frame := w.frameBytes()
	rate := w.format.SampleRate
	for _, p := range w.pieces {
		found := p.size / frame
		partial := p.size % frame
		w.add(Span{Offset: p.offset, Size: p.size - partial, Format: *w.format})
		switch {
		case p.declared < 0 && !w.anyLength || p.declared == 0 && found > 0:
			w.note(Note{Kind: LengthUnknown, Offset: p.offset, Found: found, Rate: rate})
		case p.declared >= 0 && p.declared/frame != found:
			w.note(Note{Kind: Length, Offset: p.offset, Declared: p.declared / frame, Found: found, Rate: rate})
		}
		if partial > 0 {
			w.note(Note{Kind: PartialFrame, Offset: p.offset + p.size - partial, Found: partial})
		}
	}
}
