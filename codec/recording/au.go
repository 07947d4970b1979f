package recording

import (
	"encoding/binary"
	"fmt"
	"math"
)

// auReader reads AU files, called SND, too (Sun Microsystems, Audio File Format;
// NeXT, SNDSoundStruct), and those that DEC wrote the other way round.
type auReader struct{}

func (auReader) name() string { return "au" }

const (
	auHeaderSize = 24 // magic, offset of the audio, size, encoding, sample rate, channels
	maxAUCoding  = 64 // more than there are
)

func (auReader) begins(head []byte) bool {
	order := auOrder(head)
	if order == nil {
		return false
	}
	coding := order.Uint32(head[12:])
	return coding >= 1 && coding <= maxAUCoding && order.Uint32(head[20:]) >= 1
}

// auOrder returns the byte order of a file's header, nil if it is no AU file.
func auOrder(head []byte) binary.ByteOrder {
	if len(head) >= auHeaderSize {
		switch string(head[:4]) {
		case ".snd":
			return binary.BigEndian
		case "dns.", ".sd\x00":
			return binary.LittleEndian
		}
	}
	return nil
}

var auCodings = map[uint32]Format{
	1:  {Kind: MuLaw, Width: 1},
	2:  {Width: 1},
	3:  {Width: 2},
	4:  {Width: 3},
	5:  {Width: 4},
	6:  {Kind: Float, Width: 4},
	7:  {Kind: Float, Width: 8},
	27: {Kind: ALaw, Width: 1},
}

var auOthers = map[uint32]string{
	23: "ADPCM (G.721)",
	24: "ADPCM (G.722)",
	25: "ADPCM (G.723)",
	26: "ADPCM (G.723)",
}

func (auReader) find(f *finder, pos int64) int64 {
	head := f.bytes(pos, auHeaderSize)
	order := auOrder(head)
	word := func(i int) uint32 { return order.Uint32(head[4*i:]) }
	offset, size := max(int64(word(1)), auHeaderSize), sizeOrUnknown(word(2))
	coding, rate, channels := word(3), word(4), word(5)

	// There are no chunks: none is ever found behind the audio.
	w := &walk{finder: f, start: pos, anyLength: true, layout: layout{
		header: auHeaderSize, align: 1, chunk: func([]byte) ([]byte, int64) { return nil, 0 },
	}}
	format, ok := auCodings[coding]
	switch {
	case ok:
		format.Channels, format.SampleRate = int(min(channels, math.MaxInt32)), rate
		format.BigEndian = order == binary.BigEndian
		w.describe(w.complete(format, format.ContainerBits(), pos))
	case auOthers[coding] != "":
		w.describe(Format{}, &Reason{Kind: Compressed, Name: auOthers[coding]})
	default:
		w.describe(Format{}, &Reason{Kind: UnknownCoding, Name: fmt.Sprintf("encoding %d", coding)})
	}
	if offset > f.size-pos {
		w.finish()
		return f.size
	}
	w.text(textAU, chunk{body: pos + auHeaderSize, size: offset - auHeaderSize})
	end := w.piece(chunk{body: pos + offset, size: size}, 0)
	w.finish()
	return end
}
