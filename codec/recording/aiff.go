package recording

import (
	"encoding/binary"
	"fmt"
	"math"
)

// aiffReader reads AIFF (Apple, Audio Interchange File Format 1.3, 1989) and
// AIFF-C (Apple, AIFF-C draft of 1991), and the codings that QuickTime added.
type aiffReader struct{}

func (aiffReader) name() string { return "aiff" }

func (aiffReader) begins(head []byte) bool {
	return len(head) >= riffHeaderSize && string(head[:4]) == "FORM" &&
		(string(head[8:12]) == "AIFF" || string(head[8:12]) == "AIFC")
}

// aiffChunks are the identifiers of chunks that AIFF files are known to have.
var aiffChunks = identifiers("COMM SSND MARK INST MIDI AESD APPL COMT NAME AUTH (c) ANNO FVER ID3 CHAN SAXL " +
	"FLLR PEAK basc trns cate LGWV bext iXML")

func (aiffReader) find(f *finder, pos int64) int64 {
	w := &walk{finder: f, start: pos, anyOrder: true, layout: layout{
		header: 8, align: 2, chunk: aiffHeader, known: aiffChunks, audioID: "SSND",
	}}
	head := f.bytes(pos, riffHeaderSize)
	compressed := head[11] == 'C'
	w.last = pos + 8 + int64(binary.BigEndian.Uint32(head[4:]))
	end := w.walkFrom(pos+riffHeaderSize, func(c chunk) (audio bool, lead int64) {
		switch c.id {
		case "SSND":
			return true, w.aiffLead(c)
		case "COMM":
			w.describeAIFF(c, compressed)
		case "NAME", "AUTH", "(c) ", "ANNO":
			w.text(textAIFF, c)
		case "ID3 ":
			w.text(textID3, c)
		case "bext":
			w.text(textBroadcast, c)
		case "CHAN":
			w.channelLayout(c)
		}
		return false, -1
	})
	w.finish()
	return end
}

// aiffHeader takes a chunk's header apart.
func aiffHeader(b []byte) (id []byte, size int64) {
	return b[:4], sizeOrUnknown(binary.BigEndian.Uint32(b[4:]))
}

// sizeOrUnknown returns a size of 32 bits, -1 if it says that it is not known.
func sizeOrUnknown(size uint32) int64 {
	if size == unknownSize {
		return -1
	}
	return int64(size)
}

const ssndHeaderSize = 8 // offset of the first sample, block size

// aiffLead returns where in a sound data chunk the audio begins.
func (w *walk) aiffLead(c chunk) int64 {
	b := w.bytes(c.body, ssndHeaderSize)
	if len(b) < ssndHeaderSize {
		return ssndHeaderSize
	}
	offset := int64(binary.BigEndian.Uint32(b))
	if offset > c.size-ssndHeaderSize || offset > w.size-c.body-ssndHeaderSize {
		offset = 0 // of no sense
	}
	return ssndHeaderSize + offset
}

// aiffCoding is how a compression type stores samples.
type aiffCoding struct {
	kind         Kind
	bytes        int // 0: as many as the bits need
	littleEndian bool
	unsigned     bool // if they have one byte
}

var aiffCodings = map[string]aiffCoding{
	"NONE": {}, "none": {}, "twos": {}, "lpcm": {},
	"sowt": {littleEndian: true},
	"raw ": {unsigned: true},
	"in24": {bytes: 3}, "in32": {bytes: 4},
	"42ni": {bytes: 3, littleEndian: true}, "23ni": {bytes: 4, littleEndian: true},
	"fl32": {kind: Float, bytes: 4}, "FL32": {kind: Float, bytes: 4},
	"fl64": {kind: Float, bytes: 8}, "FL64": {kind: Float, bytes: 8},
	"ulaw": {kind: MuLaw, bytes: 1}, "ULAW": {kind: MuLaw, bytes: 1},
	"alaw": {kind: ALaw, bytes: 1}, "ALAW": {kind: ALaw, bytes: 1},
}

// appleCodings names other codings of AIFF-C and CAF that people are likely to meet.
var appleCodings = map[string]string{
	"ima4": "ADPCM (IMA)", "dvi8": "ADPCM (IMA)", "ADP4": "ADPCM (Intel)", "MAC3": "MACE 3:1", "MAC6": "MACE 6:1",
	"GSM ": "GSM 6.10", "agsm": "GSM 6.10", "G722": "ADPCM (G.722)", "G726": "ADPCM (G.726)", "G728": "LD-CELP (G.728)",
	"DWVW": "DWVW", "SDX2": "SDX2", "QDMC": "QDesign Music", "QDM2": "QDesign Music 2", "Qclp": "Qualcomm PureVoice",
	".mp1": "MPEG audio", ".mp2": "MPEG audio", ".mp3": "MP3", "aac ": "AAC", "aach": "AAC", "aacl": "AAC", "aacp": "AAC",
	"alac": "Apple Lossless", "ac-3": "AC-3", "ec-3": "Enhanced AC-3", "opus": "Opus", "flac": "FLAC", "ilbc": "iLBC",
	"samr": "AMR", "ms\x00\x02": "ADPCM (Microsoft)", "ms\x00\x11": "ADPCM (IMA)", "ms\x00\x31": "GSM 6.10",
	"ms\x00\x55": "MP3",
}

// otherCoding returns why audio of that coding is kept.
func otherCoding(id string) *Reason {
	if name, ok := appleCodings[id]; ok {
		return &Reason{Kind: Compressed, Name: name}
	}
	return &Reason{Kind: UnknownCoding, Name: fmt.Sprintf("%q", id)}
}

const (
	commSize     = 18 // channels, frames, bits, sample rate
	commAIFCSize = 22 // and compression type
)

// describeAIFF reads a common chunk.
func (w *walk) describeAIFF(c chunk, compressed bool) {
	b := w.bytes(c.body, commAIFCSize)
	b = b[:min(int64(len(b)), max(c.size, 0))]
	if len(b) < commSize {
		w.describe(Format{}, &Reason{Kind: BadFormat, Name: fmt.Sprintf("its COMM chunk has only %d bytes", len(b))})
		return
	}
	id := "NONE"
	if compressed && len(b) >= commAIFCSize {
		id = string(b[18:22])
	}
	coding, ok := aiffCodings[id]
	if !ok {
		w.describe(Format{}, otherCoding(id))
		return
	}
	f := Format{
		Kind:       coding.kind,
		Channels:   int(binary.BigEndian.Uint16(b)),
		SampleRate: wholeRate(extended(b[8:18])),
		Width:      coding.bytes,
		BigEndian:  !coding.littleEndian,
		Unsigned:   coding.unsigned,
	}
	if w.format == nil {
		w.frames = int64(binary.BigEndian.Uint32(b[2:]))
	}
	bits := int(binary.BigEndian.Uint16(b[6:]))
	if coding.bytes > 0 {
		bits = 8 * coding.bytes // often declared as 16, to which the coding expands
	}
	w.describe(w.complete(f, bits, c.body))
}

// complete fills in what follows from the bits of a sample as declared: the
// bytes, if f does not have them, and the valid bits. It returns why the audio is
// kept, if it is.
func (w *walk) complete(f Format, bits int, pos int64) (Format, *Reason) {
	if r := checkChannels(f.Channels); r != nil {
		return f, r
	}
	if f.Width == 0 {
		f.Width = (bits + 7) / 8
	}
	if r := checkWidth(f.Kind, f.Width); r != nil {
		return f, r
	}
	f.BigEndian = f.BigEndian && f.Width > 1
	f.Unsigned = f.Unsigned && f.Width == 1
	if w.format != nil {
		return f, nil // which will not be used
	}
	f.setValid(bits, pos, w.note)
	f.setRate(f.SampleRate, pos, w.note)
	return f, nil
}

// extended returns the number in the 10 bytes of an IEEE 754 extended float.
func extended(b []byte) float64 {
	exponent := int(binary.BigEndian.Uint16(b) & 0x7FFF)
	v := math.Ldexp(float64(binary.BigEndian.Uint64(b[2:])), exponent-16383-63)
	if b[0]&0x80 != 0 {
		return -v
	}
	return v
}

// wholeRate returns a sample rate in whole Hz, 0 if it is impossible.
func wholeRate(hz float64) uint32 {
	if hz = math.Round(hz); hz >= 1 && hz <= math.MaxUint32 { // false for NaN
		return uint32(hz)
	}
	return 0
}
