package recording

import (
	"encoding/binary"
	"fmt"
	"math"
)

// cafReader reads Core Audio Format files (Apple, Core Audio Format
// Specification 1.0, 2011).
type cafReader struct{}

func (cafReader) name() string { return "caf" }

const (
	cafHeaderSize = 8  // "caff", version, flags
	cafChunkSize  = 12 // type, size of 64 bits
	cafDescSize   = 32
	cafEditCount  = 4 // bytes in the data chunk before the audio

	cafIsFloat        = 1
	cafIsLittleEndian = 2
)

func (cafReader) begins(head []byte) bool {
	return len(head) >= cafHeaderSize+cafChunkSize && string(head[:6]) == "caff\x00\x01" && string(head[8:12]) == "desc"
}

// cafChunks are the types of chunks that CAF files are known to have.
var cafChunks = identifiers("desc data kuki pakt chan info free strg mark regn inst mide midi uuid edct ovvw umid " +
	"peak kywd")

func (cafReader) find(f *finder, pos int64) int64 {
	w := &walk{finder: f, start: pos, anyLength: true, layout: layout{
		header: cafChunkSize, align: 1, chunk: cafHeader, known: cafChunks, audioID: "data",
	}}
	end := w.walkFrom(pos+cafHeaderSize, func(c chunk) (audio bool, lead int64) {
		switch c.id {
		case "data":
			return true, cafEditCount
		case "desc":
			w.describeCAF(c)
		case "info":
			w.text(textCAF, c)
		case "chan":
			w.channelLayout(c)
		}
		return false, -1
	})
	w.finish()
	return end
}

// cafHeader takes a chunk's header apart.
func cafHeader(b []byte) (id []byte, size int64) {
	return b[:4], max(int64(binary.BigEndian.Uint64(b[4:])), -1)
}

// describeCAF reads an audio description chunk.
func (w *walk) describeCAF(c chunk) {
	b := w.bytes(c.body, int(min(max(c.size, 0), cafDescSize)))
	if len(b) < cafDescSize {
		w.describe(Format{}, &Reason{Kind: BadFormat, Name: fmt.Sprintf("its desc chunk has only %d bytes", len(b))})
		return
	}
	word := func(i int) uint32 { return binary.BigEndian.Uint32(b[i:]) }
	id, flags := string(b[8:12]), word(12)
	packet, channels, bits := word(16), word(24), word(28)
	f := Format{
		Channels:   int(min(channels, math.MaxInt32)),
		SampleRate: wholeRate(math.Float64frombits(binary.BigEndian.Uint64(b))),
		BigEndian:  flags&cafIsLittleEndian == 0,
	}
	switch id {
	case "lpcm":
		if flags&cafIsFloat != 0 {
			f.Kind = Float
		}
		// Samples may have more bytes than their bits need, and then are aligned high.
		if n := packet / max(channels, 1); packet > 0 && packet%max(channels, 1) == 0 && n <= 8 && 8*n >= bits {
			f.Width = int(n)
		}
	case "ulaw":
		f.Kind, f.Width = MuLaw, 1
	case "alaw":
		f.Kind, f.Width = ALaw, 1
	default:
		w.describe(Format{}, otherCoding(id))
		return
	}
	w.describe(w.complete(f, int(min(bits, math.MaxInt16)), c.body))
}
