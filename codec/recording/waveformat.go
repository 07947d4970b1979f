package recording

import (
	"encoding/binary"
	"fmt"
)

// Values of wFormatTag (RFC 2361 and Microsoft's mmreg.h).
const (
	tagPCM        = 0x0001
	tagFloat      = 0x0003
	tagALaw       = 0x0006
	tagMuLaw      = 0x0007
	tagExtensible = 0xFFFE
)

// waveCodings names what else musicians are likely to meet.
var waveCodings = map[uint16]string{
	0x0002: "ADPCM (Microsoft)",
	0x0010: "ADPCM (OKI)",
	0x0011: "ADPCM (IMA)",
	0x0016: "ADPCM (G.723)",
	0x0022: "TrueSpeech",
	0x0031: "GSM 6.10",
	0x0040: "ADPCM (G.721)",
	0x0045: "ADPCM (G.726)",
	0x0050: "MPEG audio",
	0x0055: "MP3",
	0x0064: "ADPCM (G.726)",
	0x0065: "ADPCM (G.722)",
	0x0092: "AC-3",
	0x00FF: "AAC",
	0x0160: "Windows Media Audio",
	0x0161: "Windows Media Audio",
	0x0162: "Windows Media Audio",
	0x0163: "Windows Media Audio Lossless",
	0x0164: "AC-3",
	0x0270: "ATRAC3",
	0x1600: "AAC",
	0x1610: "AAC",
	0x2000: "AC-3",
	0x2001: "DTS",
	0x566F: "Ogg Vorbis",
	0x674F: "Ogg Vorbis",
	0x6750: "Ogg Vorbis",
	0x6771: "Ogg Vorbis",
	0xF1AC: "FLAC",
}

// The subformats of WAVE_FORMAT_EXTENSIBLE are the format tag followed by one
// of these: KSDATAFORMAT_SUBTYPE_*, or the same for ambisonic B-format files.
const (
	subtypeTail   = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
	ambisonicTail = "\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00"
)

const (
	waveFormatSize = 16 // WAVEFORMAT with wBitsPerSample
	extensibleSize = 40 // WAVEFORMATEXTENSIBLE
)

// waveFormat is a fmt chunk as it stands in the file (Microsoft and IBM,
// Multimedia Programming Interface and Data Specifications 1.0, chapter 3).
type waveFormat struct {
	tag, channels uint16
	sampleRate    uint32
	byteRate      uint32
	blockAlign    uint16
	bits          uint16
	valid         uint16 // of WAVEFORMATEXTENSIBLE, or 0
	mask          uint32 // of WAVEFORMATEXTENSIBLE, or 0
	pos           int64  // of the chunk's body, for notes
	unknown       string // subformat, if it is not one of those known
	truncated     bool   // WAVEFORMATEXTENSIBLE without a subformat
}

// parseWaveFormat takes the body of a fmt chunk apart, at least waveFormatSize
// bytes of it.
func parseWaveFormat(b []byte, order binary.ByteOrder, pos int64) waveFormat {
	f := waveFormat{
		tag:        order.Uint16(b),
		channels:   order.Uint16(b[2:]),
		sampleRate: order.Uint32(b[4:]),
		byteRate:   order.Uint32(b[8:]),
		blockAlign: order.Uint16(b[12:]),
		bits:       order.Uint16(b[14:]),
		pos:        pos,
	}
	if f.tag != tagExtensible {
		return f
	}
	if len(b) < extensibleSize {
		f.truncated = true
		return f
	}
	f.valid = order.Uint16(b[18:])
	f.mask = order.Uint32(b[20:])
	f.tag = order.Uint16(b[24:])
	// In RIFX files the first three fields of the identifier are turned round, or not.
	tail := string(b[26:extensibleSize])
	if tail != subtypeTail && tail != ambisonicTail && tail[6:] != subtypeTail[6:] {
		f.unknown = fmt.Sprintf("subformat %x", b[24:extensibleSize])
	}
	return f
}

// format returns how the samples are stored. A field that contradicts the others
// is overruled, and noted.
func (f waveFormat) format(bigEndian bool, note func(Note)) (Format, *Reason) {
	out := Format{Channels: int(f.channels), SampleRate: f.sampleRate}
	switch {
	case f.unknown != "":
		return out, &Reason{Kind: UnknownCoding, Name: f.unknown}
	case f.tag == tagPCM, f.truncated && f.bits <= 24: // at 32 bits it may be floats
		out.Kind = Integer
	case f.tag == tagFloat:
		out.Kind = Float
	case f.tag == tagALaw:
		out.Kind = ALaw
	case f.tag == tagMuLaw:
		out.Kind = MuLaw
	case waveCodings[f.tag] != "":
		return out, &Reason{Kind: Compressed, Name: waveCodings[f.tag]}
	default:
		return out, &Reason{Kind: UnknownCoding, Name: fmt.Sprintf("format tag 0x%04x", f.tag)}
	}
	if r := checkChannels(out.Channels); r != nil {
		return out, r
	}
	valid := int(f.bits)
	if f.valid != 0 { // 0 is what programs write that leave the field unused
		valid = int(f.valid)
	}
	if out.Kind == MuLaw || out.Kind == ALaw {
		valid = 8
	}
	frame := f.frameBytes(out.Kind, valid)
	if frame != int(f.blockAlign) {
		note(Note{Kind: FrameSize, Offset: f.pos, Declared: int64(f.blockAlign), Found: int64(frame)})
	}
	out.Width = frame / out.Channels
	if r := checkWidth(out.Kind, out.Width); r != nil {
		return out, r
	}
	out.setValid(valid, f.pos, note)
	out.BigEndian = bigEndian && out.Width > 1
	out.Unsigned = out.Kind == Integer && out.Width == 1
	if out.SampleRate == 0 {
		out.SampleRate = f.byteRate / uint32(frame)
	}
	out.setRate(f.sampleRate, f.pos, note)
	return out, nil
}

// frameBytes returns how many bytes a frame has. Three fields tell: nBlockAlign,
// the byte rate, and the bits of a sample, valid or in containers. Two that agree
// are right; otherwise nBlockAlign is, if it is not absurd.
func (f waveFormat) frameBytes(kind Kind, valid int) int {
	channels := int(f.channels)
	if kind == MuLaw || kind == ALaw {
		return channels
	}
	least := max((valid+7)/8, 1)
	whole := channels * max((int(f.bits)+7)/8, least)
	block := int(f.blockAlign)
	var rated int
	if f.sampleRate > 0 && f.byteRate%f.sampleRate == 0 {
		rated = int(min(f.byteRate/f.sampleRate, 1<<16))
	}
	possible := func(frame int) bool {
		n := frame / channels
		switch {
		case frame == 0 || frame%channels > 0:
			return false
		case kind == Integer:
			return n <= 4
		}
		return n == 4 || n == 8
	}
	switch {
	case possible(block) && (block == rated || block == whole):
		return block
	case rated == whole && possible(whole):
		return whole
	case possible(block) && block/channels >= least && (block/channels == least+1 || f.bits == 0):
		return block
	case possible(rated) && rated/channels >= least && rated/channels <= least+1:
		return rated
	}
	return whole
}

// setValid sets the valid bits as declared, if that is possible.
func (f *Format) setValid(valid int, pos int64, note func(Note)) {
	f.ValidBits = f.ContainerBits()
	switch {
	case f.Kind != Integer || valid == f.ValidBits:
	case valid >= 1 && valid < f.ValidBits:
		f.ValidBits = valid
	default:
		note(Note{Kind: ValidBits, Offset: pos, Declared: int64(valid), Found: int64(f.ValidBits)})
	}
}

// assumedRate is the sample rate in Hz of audio that does not tell it: it only
// matters to those who listen.
const assumedRate = 44100

// setRate sees that there is a sample rate, and notes if it is not as declared.
func (f *Format) setRate(declared uint32, pos int64, note func(Note)) {
	if f.SampleRate == 0 {
		f.SampleRate = assumedRate
	}
	if f.SampleRate != declared {
		note(Note{Kind: SampleRate, Offset: pos, Declared: int64(declared), Found: int64(f.SampleRate)})
	}
}

// checkChannels returns why audio of that many channels is kept, or nil.
func checkChannels(channels int) *Reason {
	if channels < 1 || channels > MaxChannels {
		return &Reason{Kind: BadChannels, Figure: int64(channels)}
	}
	return nil
}

// checkWidth returns why samples of that many bytes are kept, or nil.
func checkWidth(kind Kind, bytes int) *Reason {
	f := Format{Kind: kind, Channels: 1, SampleRate: 1, Width: bytes, ValidBits: 8 * bytes}
	if f.Check() == nil {
		return nil
	}
	words := map[Kind]string{Integer: "integers", Float: "floating-point numbers"}
	return &Reason{Kind: Unsupported, Name: fmt.Sprintf("%s of %d bits", words[kind], 8*bytes)}
}

// describeWave reads a fmt chunk.
func (w *walk) describeWave(c chunk, order binary.ByteOrder) {
	b := w.bytes(c.body, int(min(max(c.size, 0), extensibleSize)))
	if w.format != nil {
		return
	}
	if len(b) < waveFormatSize {
		w.describe(Format{}, &Reason{Kind: BadFormat, Name: fmt.Sprintf("its fmt chunk has only %d bytes", len(b))})
		return
	}
	described := parseWaveFormat(b, order, c.body)
	format, reason := described.format(order == binary.BigEndian, w.note)
	w.describe(format, reason)
	w.speakers(described.mask)
}
