package recording

import (
	"bytes"
	"encoding/binary"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Metadata is what a file says about its audio.
type Metadata struct {
	Tags []Tag // in the order of the file
	// Speakers has a bit for each speaker that has a channel, as dwChannelMask of
	// WAVEFORMATEXTENSIBLE, or 0 if the file does not say so.
	Speakers uint32
}

// Tag is a text about the audio.
type Tag struct {
	// Name is the identifier in a LIST/INFO chunk, for example "INAM"; or, before
	// a name of its own, "bext." and a field of the bext chunk as EBU Tech 3285
	// writes it ("bext.OriginationDate"), "id3." and a frame ("id3.TIT2",
	// "id3.TXXX.description"), "aiff." and a chunk ("aiff.NAME"), "caf." and a key
	// ("caf.title"), "flac." and the name of a comment in capitals ("flac.TITLE"),
	// or "au.annotation".
	Name string
	Text string // not empty, UTF-8
}

// textKind is how a part of a file holds texts.
type textKind int

const (
	textInfo      textKind = iota // a LIST chunk of type INFO
	textBroadcast                 // a bext chunk
	textID3                       // an ID3v2 tag
	textAIFF                      // a text chunk
	textCAF                       // an info chunk
	textAU                        // an annotation
	textFLAC                      // a block of Vorbis comments
)

// text is a part of a file that holds texts.
type text struct {
	kind      textKind
	id        string // of the chunk
	pos, size int64
}

const (
	maxTexts    = 256
	maxTextSize = 1 << 20 // of one text
)

// text remembers the body of c.
func (f *finder) text(kind textKind, c chunk) {
	size := min(c.size, f.size-c.body)
	if size > 0 && len(f.texts) < maxTexts {
		f.texts = append(f.texts, text{kind, c.id, c.body, size})
	}
}

// Tags returns what the file of size bytes in r, with the spans that Find found
// in it, says about its audio. Audio is not read: KeptReader will do for r.
// Fields that are empty or 0 are left out. The error is one of reading r.
//
// Text that is not UTF-8 is taken for Windows-1252, or for Mac OS Roman in AIFF
// files.
func Tags(r io.ReaderAt, size int64, spans []Span) (Metadata, error) {
	f := &finder{source: source{r: r, size: size}, file: &File{}, given: spans}
	f.find()
	m := Metadata{Speakers: f.mask}
	for _, t := range f.texts {
		if f.err != nil {
			break
		}
		b := f.read(nil, t.pos, int(min(t.size, maxTextSize)))
		switch t.kind {
		case textInfo:
			m.info(b)
		case textBroadcast:
			m.broadcast(b)
		case textID3:
			m.id3(b)
		case textAIFF:
			m.add("aiff."+strings.TrimSpace(t.id), b, charmap.Macintosh)
		case textCAF:
			m.caf(b)
		case textAU:
			m.add("au.annotation", b, charmap.Windows1252)
		case textFLAC:
			m.vorbis(b)
		}
	}
	return m, f.err
}

// add adds the text in a field that ends with the first zero byte, without the
// space around it, unless it is empty.
func (m *Metadata) add(name string, b []byte, other *charmap.Charmap) {
	b, _, _ = bytes.Cut(b, []byte{0})
	if !utf8.Valid(b) {
		decoded, err := other.NewDecoder().Bytes(b)
		if err != nil {
			return
		}
		b = decoded
	}
	if s := strings.TrimSpace(string(b)); s != "" {
		m.Tags = append(m.Tags, Tag{name, s})
	}
}

// info takes a LIST chunk of type INFO apart, which consists of chunks
// (Microsoft and IBM, Multimedia Programming Interface and Data Specifications
// 1.0, chapter 3).
func (m *Metadata) info(b []byte) {
	const headerSize = 8
	rest := b[min(len("INFO"), len(b)):]
	for len(rest) >= headerSize {
		id, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[headerSize:]
		if size > int64(len(rest)) {
			return
		}
		m.add(id, rest[:size], charmap.Windows1252)
		rest = rest[min(size+size%2, int64(len(rest))):]
	}
}

// The texts of a bext chunk, in order, with their sizes in bytes.
var broadcastTexts = []struct {
	name string
	size int
}{
	{"Description", 256},
	{"Originator", 32},
	{"OriginatorReference", 32},
	{"OriginationDate", 10},
	{"OriginationTime", 8},
}

const (
	timeReferenceOffset = 256 + 32 + 32 + 10 + 8 // of 8 bytes, in samples since midnight
	codingHistoryOffset = 602
)

// broadcast takes a bext chunk apart (EBU Tech 3285). One that is too short has
// what it has.
func (m *Metadata) broadcast(b []byte) {
	rest := b
	for _, field := range broadcastTexts {
		n := min(field.size, len(rest))
		m.add("bext."+field.name, rest[:n], charmap.Windows1252)
		rest = rest[n:]
	}
	if len(b) >= timeReferenceOffset+8 {
		if samples := binary.LittleEndian.Uint64(b[timeReferenceOffset:]); samples > 0 {
			m.Tags = append(m.Tags, Tag{"bext.TimeReference", strconv.FormatUint(samples, 10)})
		}
	}
	if len(b) > codingHistoryOffset {
		m.add("bext.CodingHistory", b[codingHistoryOffset:], charmap.Windows1252)
	}
}

// caf takes an info chunk apart: a number of pairs of key and value, each of
// which ends with a zero byte.
func (m *Metadata) caf(b []byte) {
	rest := b[min(4, len(b)):]
	for len(m.Tags) < maxTexts {
		key, value, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			return
		}
		value, rest, _ = bytes.Cut(value, []byte{0})
		if name := string(key); name != "" && utf8.ValidString(name) {
			m.add("caf."+name, value, charmap.Windows1252)
		}
	}
}

// speakers notes a mask of speakers. The first one that is not 0 counts.
func (f *finder) speakers(mask uint32) {
	if f.mask == 0 {
		f.mask = mask
	}
}

// Tags of channel layouts (Apple, CoreAudioTypes.h) whose channels come in the
// order of the bits of a mask.
var channelLayouts = map[uint32]uint32{
	100<<16 | 1: 0x4,   // mono
	101<<16 | 2: 0x3,   // stereo
	108<<16 | 4: 0x33,  // quadraphonic
	114<<16 | 4: 0x107, // MPEG 4.0 A: L R C Cs
	117<<16 | 5: 0x37,  // MPEG 5.0 A: L R C Ls Rs
	121<<16 | 6: 0x3F,  // MPEG 5.1 A: L R C LFE Ls Rs
	126<<16 | 8: 0xFF,  // MPEG 7.1 A: L R C LFE Ls Rs Lc Rc
}

// channelLayout reads a chunk that holds an AudioChannelLayout.
func (f *finder) channelLayout(c chunk) {
	const useBitmap = 1 << 16
	b := f.bytes(c.body, 8)
	if len(b) < 8 || c.size < 8 {
		return
	}
	switch tag := binary.BigEndian.Uint32(b); tag {
	case useBitmap:
		f.speakers(binary.BigEndian.Uint32(b[4:]))
	default:
		f.speakers(channelLayouts[tag])
	}
}

// KeptReader returns a reader of a file of which only the bytes are there that
// are kept: kept has those of all spans that are not audio, in order, or the
// first of them. The others read as zeros.
func KeptReader(spans []Span, kept []byte) io.ReaderAt { return keptReader{spans, kept} }

type keptReader struct {
	spans []Span
	kept  []byte
}

// ReadAt implements io.ReaderAt.
func (r keptReader) ReadAt(b []byte, offset int64) (int, error) {
	clear(b)
	var from, size int64 // within kept
	for _, s := range r.spans {
		size = s.End()
		if s.Audio() {
			continue
		}
		if there := r.kept[min(from, int64(len(r.kept))):]; offset < s.End() && offset+int64(len(b)) > s.Offset {
			there = there[:min(s.Size, int64(len(there)))]
			if skip := offset - s.Offset; skip >= 0 {
				copy(b, there[min(skip, int64(len(there))):])
			} else {
				copy(b[-skip:], there)
			}
		}
		from += s.Size
	}
	if n := size - offset; n < int64(len(b)) {
		return int(max(n, 0)), io.EOF
	}
	return len(b), nil
}
