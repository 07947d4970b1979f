package recording

import (
	"encoding/binary"
)

// wave64Reader reads Sony Wave64 files (Sony Pictures Digital, Sony Wave64 File
// Format): as RIFF/WAVE, but with identifiers of 16 bytes, sizes of 64 bits that
// include the header, and chunks that begin at multiples of 8 bytes.
type wave64Reader struct{}

func (wave64Reader) name() string { return "w64" }

const (
	wave64HeaderSize = 40 // "riff", size, "wave"
	wave64ChunkSize  = 24

	// The identifiers are those of RIFF, in small letters, before one of these.
	wave64RIFF = "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
	wave64List = "list\x2f\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
	wave64Tail = "\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
)

func (wave64Reader) begins(head []byte) bool {
	return len(head) >= wave64HeaderSize && string(head[:16]) == wave64RIFF &&
		string(head[24:40]) == "wave"+wave64Tail
}

// wave64Chunks are the identifiers of chunks that Wave64 files are known to have.
var wave64Chunks = identifiers("fmt data fact levl junk bext list")

func (wave64Reader) find(f *finder, pos int64) int64 {
	w := &walk{finder: f, start: pos, layout: layout{
		header: wave64ChunkSize, align: 8, chunk: wave64Header, known: wave64Chunks, audioID: "data",
	}}
	if size := int64(binary.LittleEndian.Uint64(f.bytes(pos+16, 8))); size > 0 && size <= f.size {
		w.last = pos + size
	}
	end := w.walkFrom(pos+wave64HeaderSize, func(c chunk) (audio bool, lead int64) {
		switch c.id {
		case "data":
			return true, 0
		case "fmt ":
			w.describeWave(c, binary.LittleEndian)
		case "fact":
			if b := w.bytes(c.body, 8); len(b) == 8 && c.size >= 8 {
				w.frames = max(int64(binary.LittleEndian.Uint64(b)), 0)
			}
		case "bext":
			w.text(textBroadcast, c)
		}
		return false, -1
	})
	w.finish()
	return end
}

// wave64Header takes a chunk's header apart.
func wave64Header(b []byte) (id []byte, size int64) {
	if tail := string(b[4:16]); tail != wave64Tail && string(b[:16]) != wave64List {
		return nil, 0
	}
	// 0, or close to the largest number, in files that were never finished.
	const absurd = 1 << 56
	size = int64(binary.LittleEndian.Uint64(b[16:]))
	if size < wave64ChunkSize || size > absurd {
		return b[:4], -1
	}
	return b[:4], size - wave64ChunkSize
}
