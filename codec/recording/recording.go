// Package recording finds where samples lie in a file.
//
// A file is a sequence of spans: bytes that are kept as they are, and audio, in
// any number. Find tells them apart, by content and not by name, in WAV (RIFF,
// RF64, BW64, RIFX), Sony Wave64, AIFF and AIFF-C, CAF, and AU files, one reader
// a file of this package. The spans always are the file, byte for byte, however
// odd it is; nothing is ever changed. A span's Format turns its bytes into
// samples and back.
//
// Headers are wrong in many files: written before the length was known, cut by
// 32 bits, edited by programs that forgot a field. Where something else in the
// file shows what is true, that is taken, and a Note tells what was wrong. What
// is kept although it may be sound has a Reason.
//
// Find reads headers, a few bytes at the ends of the audio, and, where a header
// is wrong, at most a few MiB in search of the next one. It never reads the
// audio, and needs memory for the spans only, of which there are at most a few
// thousand.
//
// Why there is no library in this place: those at hand (go-audio/wav,
// go-audio/riff, go-audio/aiff and its successors) read streams, do not tell
// offsets, and refuse or misread the headers that this package is about.
package recording

import (
	"io"
	"strings"
)

// FLAC is the Container of FLAC files. Find keeps them whole, with a reason:
// their samples are no bytes of the file. Package stream takes them apart.
const FLAC = "flac"

// File is what Find knows about a file.
type File struct {
	// Container is "wav", "w64", "aiff", "caf", "au" or FLAC, or "" if the file is
	// none of these. Where several recordings are joined it is that of the first one.
	Container string
	// Spans tile the file from its first byte to its last one. Each has at least
	// one byte. Kept spans never follow each other.
	Spans []Span
	// Notes tell what is wrong with the file, at most maxNotes.
	Notes []Note
	// Reasons tell why bytes that may be sound are kept, at most maxReasons. There
	// is at least one if no span is audio.
	Reasons []Reason
}

// Span is a part of a file.
type Span struct {
	Offset, Size int64  // bytes; whole frames if it is audio
	Format       Format // the zero Format if the bytes are kept
}

// Audio reports whether the span is audio.
func (s Span) Audio() bool { return s.Format.Channels > 0 }

// End is the offset in bytes of what follows the span.
func (s Span) End() int64 { return s.Offset + s.Size }

// Frames is the number of frames of audio, 0 if the bytes are kept.
func (s Span) Frames() int64 {
	if !s.Audio() {
		return 0
	}
	return s.Size / int64(s.Format.FrameBytes())
}

const (
	maxChunks  = 1 << 16 // that are visited: real files have a dozen
	maxSpans   = 1 << 12 // of audio: real files have one, rarely some
	maxNotes   = 32
	maxReasons = 8
)

// Find finds the audio in the size bytes of r. The error is one of reading r;
// for any bytes that can be read there is a File.
func Find(r io.ReaderAt, size int64) (*File, error) {
	f := &finder{source: source{r: r, size: size}, file: &File{}}
	f.find()
	if f.err != nil {
		return nil, f.err
	}
	f.tile()
	return f.file, nil
}

// container is the reader of one kind of files.
type container interface {
	name() string
	// begins reports whether head, up to headSize bytes, is the beginning of a
	// recording of this kind.
	begins(head []byte) bool
	// find gives f the audio of the recording that begins at pos. It returns
	// where the recording ends, which is after pos.
	find(f *finder, pos int64) int64
}

// headSize is how many bytes tell what kind of file begins there.
const headSize = 40

var containers = []container{waveReader{}, wave64Reader{}, aiffReader{}, cafReader{}, auReader{}}

// finder walks over one file.
type finder struct {
	source
	file   *File
	audio  []Span // in the order of the file
	given  []Span // the file's spans, if they are known already (see Tags)
	texts  []text // where descriptions of the audio lie
	mask   uint32 // see Metadata
	chunks int    // visited
}

// find finds all recordings that stand one behind the other.
func (f *finder) find() {
	pos, front := f.skipFront()
	forms := 0
	for pos < f.size {
		c := f.containerAt(pos)
		if c == nil {
			break
		}
		if forms++; forms == 1 {
			f.file.Container = c.name()
			for _, n := range front {
				f.note(n)
			}
		}
		if f.chunks++; f.chunks > maxChunks {
			f.note(Note{Kind: TooManyChunks, Offset: pos})
			break
		}
		pos = c.find(f, pos)
	}
	if forms > 1 {
		f.note(Note{Kind: Joined, Offset: 0, Found: int64(forms)})
	}
	if forms == 0 {
		if string(f.bytes(pos, len(flacMagic))) == flacMagic {
			f.file.Container, f.file.Notes = FLAC, front
			f.flac(pos)
		}
		f.reason(foreign(f.bytes(pos, foreignSize), pos > 0))
	} else if len(f.audio) == 0 && len(f.file.Reasons) == 0 {
		f.reason(Reason{Kind: NoAudio})
	}
}

// containerAt returns the reader of what begins at pos, or nil.
func (f *finder) containerAt(pos int64) container {
	head := f.bytes(pos, headSize)
	for _, c := range containers {
		if c.begins(head) {
			return c
		}
	}
	return nil
}

const (
	byteOrderMark  = "\xef\xbb\xbf" // of UTF-8, from programs that took the file for text
	macBinarySize  = 128
	id3HeaderSize  = 10
	maxFrontBlocks = 4
)

// skipFront returns where the recording begins, behind ID3v2 tags (id3.org,
// section 3.1), a MacBinary header, or a byte order mark, and notes about these.
func (f *finder) skipFront() (pos int64, notes []Note) {
	for range maxFrontBlocks {
		n := id3Size(f.bytes(pos, id3HeaderSize))
		if n == 0 || n >= f.size-pos {
			break
		}
		f.texts = append(f.texts, text{kind: textID3, pos: pos, size: n})
		notes = append(notes, Note{Kind: Front, Offset: pos, Found: n, Name: "an ID3 tag"})
		pos += n
	}
	if pos > 0 {
		return pos, notes
	}
	head := string(f.bytes(0, len(byteOrderMark)))
	switch {
	case head == byteOrderMark && f.containerAt(int64(len(head))) != nil:
		pos = int64(len(head))
		notes = append(notes, Note{Kind: Front, Found: pos, Name: "a byte order mark"})
	case strings.HasPrefix(head, "\x00") && f.containerAt(macBinarySize) != nil:
		pos = macBinarySize
		notes = append(notes, Note{Kind: Front, Found: pos, Name: "a MacBinary header"})
	}
	return pos, notes
}

// add adds a span of audio.
func (f *finder) add(s Span) {
	if s.Size == 0 {
		return
	}
	if len(f.audio) == maxSpans {
		f.reason(Reason{Kind: TooManySpans, Figure: maxSpans})
		return
	}
	f.audio = append(f.audio, s)
}

func (f *finder) note(n Note) {
	if len(f.file.Notes) < maxNotes {
		f.file.Notes = append(f.file.Notes, n)
	}
}

// reason adds a reason that is not there yet.
func (f *finder) reason(r Reason) {
	for _, old := range f.file.Reasons {
		if old == r {
			return
		}
	}
	if len(f.file.Reasons) < maxReasons {
		f.file.Reasons = append(f.file.Reasons, r)
	}
}

// tile fills the gaps between the audio with spans that are kept.
func (f *finder) tile() {
	pos := int64(0)
	keep := func(end int64) {
		if end > pos {
			f.file.Spans = append(f.file.Spans, Span{Offset: pos, Size: end - pos})
		}
	}
	for _, s := range f.audio {
		keep(s.Offset)
		f.file.Spans = append(f.file.Spans, s)
		pos = s.End()
	}
	keep(f.size)
}
