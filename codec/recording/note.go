package recording

import (
	"fmt"
	"math"
	"strconv"
)

// NoteKind is what is wrong with a file.
type NoteKind string

// The kinds of notes, and which fields of a Note they use.
const (
	Length        NoteKind = "length"         // Declared frames, Found frames, Rate
	LengthUnknown NoteKind = "length unknown" // Found frames, Rate
	FrameSize     NoteKind = "frame size"     // Declared bytes a frame, Found bytes a frame
	ValidBits     NoteKind = "valid bits"     // Declared bits, Found bits
	SampleRate    NoteKind = "sample rate"    // Declared Hz, Found Hz
	ChunkSize     NoteKind = "chunk size"     // Name of the chunk, Declared bytes, Found bytes
	PadByte       NoteKind = "pad byte"       // Name of the chunk
	FormatBehind  NoteKind = "format behind"  // the audio comes before its description
	PartialFrame  NoteKind = "partial frame"  // Found bytes
	Front         NoteKind = "front"          // Name, Found bytes
	Trailing      NoteKind = "trailing"       // Found bytes that belong to no chunk
	Joined        NoteKind = "joined"         // Found recordings one behind the other
	TooManyChunks NoteKind = "too many chunks"
	Checksum      NoteKind = "checksum"
)

// Note tells something that is wrong with a file. Its bytes come back as they are
// all the same.
type Note struct {
	Kind     NoteKind
	Offset   int64  // byte of the file at which it was found
	Declared int64  // what the file says, in the unit of the Kind
	Found    int64  // what is there, or was taken
	Rate     uint32 // Hz, where figures are frames
	Name     string // see the kinds
}

// String returns the note as a sentence without a capital and a full stop, in
// which the file is "it".
func (n Note) String() string {
	switch n.Kind {
	case Length:
		declared, found := span(n.Declared, n.Found, n.Rate)
		if n.Found < n.Declared {
			return fmt.Sprintf("its header says %s, there are only %s", declared, found)
		}
		return fmt.Sprintf("its header says %s, there are %s", declared, found)
	case LengthUnknown:
		_, found := span(-1, n.Found, n.Rate)
		return fmt.Sprintf("its header does not say how long it is, there are %s", found)
	case FrameSize:
		return fmt.Sprintf("its header says %s a frame, there are %d", count(n.Declared, "byte"), n.Found)
	case ValidBits:
		return fmt.Sprintf("its header says %d bits a sample, taken as %d", n.Declared, n.Found)
	case SampleRate:
		return fmt.Sprintf("its header says a sample rate of %d Hz, taken as %d Hz", n.Declared, n.Found)
	case ChunkSize:
		if n.Declared < 0 {
			return fmt.Sprintf("its chunk %q at byte %d says no size, there are %s", n.Name, n.Offset, count(n.Found, "byte"))
		}
		return fmt.Sprintf("its chunk %q at byte %d says %d bytes, there are %d", n.Name, n.Offset, n.Declared, n.Found)
	case PadByte:
		return fmt.Sprintf("the pad byte after its chunk %q at byte %d is missing", n.Name, n.Offset)
	case FormatBehind:
		return "its audio comes before the description of it"
	case PartialFrame:
		return fmt.Sprintf("%s at the end of its audio are no whole frame", count(n.Found, "byte"))
	case Front:
		return fmt.Sprintf("%s of %s stands before it", n.Name, count(n.Found, "byte"))
	case Trailing:
		return fmt.Sprintf("%s that belong to nothing follow its audio", count(n.Found, "byte"))
	case Joined:
		return fmt.Sprintf("%d recordings stand one behind the other in it", n.Found)
	case Checksum:
		return "its audio is not what its own checksum (MD5) says: it was damaged or changed before it was archived"
	case TooManyChunks:
		return fmt.Sprintf("it has more than %d chunks, the rest was not looked at", maxChunks)
	}
	return string(n.Kind)
}

// span returns two lengths in words that differ.
func span(declared, found int64, rate uint32) (string, string) {
	a, b := duration(declared, rate), duration(found, rate)
	if a == b {
		return fmt.Sprint(declared), count(found, "frame")
	}
	return a, b
}

// duration returns a number of frames as time.
func duration(frames int64, rate uint32) string {
	seconds := float64(frames) / float64(rate)
	switch whole := int64(seconds); {
	case seconds < 60:
		return strconv.FormatFloat(math.Round(seconds*1000)/1000, 'f', -1, 64) + " s"
	case seconds < 3600:
		return fmt.Sprintf("%d min %d s", whole/60, whole%60)
	default:
		return fmt.Sprintf("%d h %d min", whole/3600, whole/60%60)
	}
}

func count(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// ReasonKind is why bytes are kept as they are.
type ReasonKind string

// The kinds of reasons, and which fields of a Reason they use.
const (
	Compressed    ReasonKind = "compressed"     // Name of the coding or of the kind of file
	Irreversible  ReasonKind = "irreversible"   // Name of the kind of file, Detail
	Unsupported   ReasonKind = "unsupported"    // Name of the coding
	DSD           ReasonKind = "dsd"            // Name of the kind of file
	UnknownCoding ReasonKind = "unknown coding" // Name, a tag in quotes or in hexadecimal digits
	BadChannels   ReasonKind = "channels"       // Figure, how many
	BadFormat     ReasonKind = "bad format"     // Name, what is impossible in the description
	NoFormat      ReasonKind = "no format"      // there is audio, but nothing describes it
	NoAudio       ReasonKind = "no audio"
	TooManySpans  ReasonKind = "too many spans" // Figure
	NotRecording  ReasonKind = "not a recording"
)

// Reason tells why something is kept whole. Reasons can be compared.
type Reason struct {
	Kind   ReasonKind
	Name   string
	Figure int64
	Detail string
}

// String returns the reason as a sentence without a capital and a full stop, in
// which the file is "it".
func (r Reason) String() string {
	switch r.Kind {
	case Compressed:
		return fmt.Sprintf("it holds %s, which is compressed already", r.Name)
	case Irreversible:
		return fmt.Sprintf("it is %s that cannot be rebuilt from its samples: %s", r.Name, r.Detail)
	case Unsupported:
		return fmt.Sprintf("it holds %s, which are not supported", r.Name)
	case DSD:
		return fmt.Sprintf("it holds DSD (%s), which is not supported", r.Name)
	case UnknownCoding:
		return fmt.Sprintf("its samples are coded in an unknown way (%s)", r.Name)
	case BadChannels:
		return fmt.Sprintf("it has %d channels (1 to %d are possible)", r.Figure, MaxChannels)
	case BadFormat:
		return fmt.Sprintf("its header is impossible: %s", r.Name)
	case NoFormat:
		return "nothing in it describes its audio"
	case NoAudio:
		return "there is no audio in it"
	case TooManySpans:
		return fmt.Sprintf("its audio is in more than %d pieces, the rest is kept as it is", r.Figure)
	case NotRecording:
		if r.Name != "" {
			return fmt.Sprintf("it is %s", r.Name)
		}
		return "it does not begin as a recording does: it is another kind of file, or damaged"
	}
	return string(r.Kind)
}
