package recording

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// piece takes the audio that begins lead bytes into the body of c, and returns
// where the walk goes on.
func (w *walk) piece(c chunk, lead int64) int64 {
	start := c.body + lead
	if start > w.size {
		return w.size
	}
	declared := c.size - lead
	if c.size < 0 || declared < 0 {
		declared = -1
	}
	var end, next int64
	if w.given != nil {
		end, next = w.givenExtent(c.body, start, declared)
	} else {
		end, next = w.extent(c.body, start, declared)
	}
	w.pieces = append(w.pieces, piece{offset: start, size: end - start, declared: declared})
	return next
}

// frameBytes is the size of a frame, 1 as long as it is not known.
func (w *walk) frameBytes() int64 {
	if w.format == nil {
		return 1
	}
	return int64(w.format.FrameBytes())
}

// extent returns where the audio that begins at start, in a chunk whose body
// begins at body, ends, and where the walk goes on. The size that is declared,
// negative if it is not known, is believed where the file confirms it: where a
// chunk, another recording or the end of the file follows. Otherwise the first of
// these is taken:
//
//   - another size that the file confirms: with the upper 32 bits that a field
//     has lost, in frames, as another chunk says, as the recording's size says;
//   - the declared size, if what follows does not look like audio;
//   - all up to chunks at the end of the file, or to its end.
func (w *walk) extent(body, start, declared int64) (end, next int64) {
	rest := w.size - start
	if declared > 0 && declared <= rest {
		if next, ok := w.boundary(body, start+declared); ok {
			return start + declared, next
		}
	}
	if declared == 0 && (rest == 0 || w.knownAt(start)) {
		return start, start
	}
	sizes := w.otherSizes(start, declared)
	for _, size := range sizes {
		if size == rest {
			return w.size, w.size
		}
		if aligned := w.aligned(body, start+size); w.knownAt(aligned) {
			return start + size, aligned
		}
	}
	if declared > 0 && declared < rest {
		for _, size := range append([]int64{declared}, sizes...) {
			if w.trailing(start, start+size) {
				w.note(Note{Kind: Trailing, Offset: start + size, Found: rest - size})
				return start + size, start + size
			}
		}
	}
	from := start
	if declared > 0 && declared < rest {
		from += declared
	}
	if pos := w.chunksAtEnd(from); pos >= 0 {
		return pos, pos
	}
	return w.size, w.size
}

// otherSizes returns what else than the declared size the audio that begins at
// start may have. All are possible.
func (w *walk) otherSizes(start, declared int64) []int64 {
	rest := w.size - start
	var sizes []int64
	add := func(size int64) {
		if size > 0 && size <= rest && size != declared {
			sizes = append(sizes, size)
		}
	}
	const lost = 1 << 32
	if declared >= 0 && declared < lost && rest > lost {
		add(declared + (rest-declared)/lost*lost)
	}
	if frame := w.frameBytes(); w.format != nil {
		if declared > 0 && declared <= rest/frame {
			add(declared * frame)
		}
		if w.frames > 0 && w.frames <= rest/frame {
			add(w.frames * frame)
		}
	}
	add(w.last - start)
	return sizes
}

// givenExtent is extent where the spans of the file are known.
func (w *walk) givenExtent(body, start, declared int64) (end, next int64) {
	end, frame := start, int64(0)
	i, found := slices.BinarySearchFunc(w.given, start, func(s Span, at int64) int { return cmp.Compare(s.Offset, at) })
	if found && w.given[i].Audio() {
		end, frame = w.given[i].End(), int64(w.given[i].Format.FrameBytes())
	}
	// Less than a frame, and a pad byte, may lie before the next chunk.
	for pos := end; pos < min(end+frame+w.align, w.size); pos++ {
		if w.knownAt(pos) {
			return end, pos
		}
	}
	if declared >= end-start && declared <= w.size-start {
		return end, w.aligned(body, start+declared)
	}
	return end, end
}

const (
	probes    = 16
	probeSize = 256
)

// trailing reports whether what lies from pos to the end of the file does not
// look like more of the audio that begins at start: less than a frame, a tag of
// another format, or text, zeros or random bytes wherever one looks.
func (w *walk) trailing(start, pos int64) bool {
	rest := w.size - pos
	if rest < w.frameBytes() {
		return true
	}
	first := w.bytes(pos, probeSize)
	for _, magic := range []string{"TAG", "APETAGEX", "ID3", "LYRICSBEGIN"} {
		if strings.HasPrefix(string(first), magic) {
			return true
		}
	}
	zeros := len(bytes.TrimLeft(first, "\x00")) == 0
	text := printable(first)
	for i := range int64(probes) {
		if !zeros && !text {
			break
		}
		b := w.bytes(pos+rest/probes*i, probeSize)
		zeros = zeros && len(bytes.TrimLeft(b, "\x00")) == 0
		text = text && printable(b)
	}
	return zeros || text || w.random(start, pos)
}

// random reports whether what lies from pos to the end of the file looks like
// compressed or encrypted data, as it stands behind files that were recovered
// from a disk: as samples, half of it is above half of the full scale, and half
// of it changes the sign. No sound does both.
func (w *walk) random(start, pos int64) bool {
	if w.format == nil || w.format.Kind == MuLaw || w.format.Kind == ALaw {
		return false
	}
	frame := w.frameBytes()
	high := 0 // where in a sample its highest byte is
	if !w.format.BigEndian {
		high = w.format.Width - 1
	}
	var n, loud, changes int
	pos = start + (pos-start+frame-1)/frame*frame
	step := (w.size - pos) / probes / frame * frame
	for i := range int64(probes) {
		b := w.bytes(pos+step*i, int(max(probeSize, 8*frame)))
		for p := high + int(frame); p < len(b); p += int(frame) {
			v, last := b[p], b[p-int(frame)]
			n++
			changes += int((v ^ last) >> 7)
			if w.format.Kind == Float {
				v = 0 // the highest bit of the exponent: 2 or more
			}
			loud += int((v ^ b[p]<<1) >> 7) // integers: the highest bits differ
		}
	}
	half := func(count int) bool { return count >= n*2/5 && count <= n*3/5 }
	return n >= minSamples && half(loud) && half(changes)
}

// minSamples is how many samples can look random: fewer do so by chance.
const minSamples = 128

const (
	endSize      = 64 << 10 // of the end of a file that is searched for chunks
	maxEndChunks = 64
)

// chunksAtEnd returns where chunks of known kinds begin, after from, that end
// with the file, or -1.
func (w *walk) chunksAtEnd(from int64) int64 {
	return w.search(max(from, w.size-endSize), w.size, w.header, func(pos int64, b []byte) bool {
		id, _ := w.chunk(b[:w.header])
		if id == nil || !w.known[string(id)] {
			return false
		}
		w.scanned += windowSize
		return w.endsWithFile(pos)
	})
}

// endsWithFile reports whether the file ends with the chunks from pos on.
func (w *walk) endsWithFile(pos int64) bool {
	for range maxEndChunks {
		c, ok := w.at(pos)
		if !ok || !w.known[c.id] || c.size < 0 || c.size > w.size-c.body {
			return false
		}
		if pos = w.aligned(c.body, c.end()); pos >= w.size {
			return true
		}
	}
	return false
}
