package recording

import (
	"encoding/binary"
	"strings"
)

// waveReader reads RIFF/WAVE files (Microsoft and IBM, Multimedia Programming
// Interface and Data Specifications 1.0, 1991; WAVEFORMATEXTENSIBLE: Microsoft,
// Multiple Channel Audio Data and WAVE Files, 2001), the same in big-endian
// order (RIFX), RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088).
type waveReader struct{}

func (waveReader) name() string { return "wav" }

const riffHeaderSize = 12 // "RIFF", size, "WAVE"

func (waveReader) begins(head []byte) bool {
	if len(head) < riffHeaderSize || string(head[8:12]) != "WAVE" {
		return false
	}
	switch string(head[:4]) {
	case "RIFF", "RIFX", "RF64", "BW64":
		return true
	}
	return false
}

// waveChunks are the identifiers of chunks that WAV files are known to have.
var waveChunks = identifiers("fmt data DATA fact LIST list bext iXML IXML axml aXML chna cue plst smpl inst acid cart levl " +
	"link id3 ID3 _PMX JUNK junk PAD pad FLLR filr PEAK umid UMID wamd guan minf elm1 regn DISP strc note labl ltxt " +
	"ds64 slnt AFAn LGWV r64m SMED MD5 ovwf clm CSET bxml sxml ubxt afsp SAUR DGDA Cr8r tlst")

// identifiers returns the set of identifiers in a list, filled up with spaces to
// four characters.
func identifiers(list string) map[string]bool {
	set := map[string]bool{}
	for _, id := range strings.Fields(list) {
		set[(id + "   ")[:4]] = true
	}
	return set
}

const unknownSize = 0xFFFFFFFF // of a chunk, in 32 bits

// wave is the walk through a WAV file.
type wave struct {
	walk
	order   binary.ByteOrder
	size64  map[string]int64 // from the ds64 chunk
	audio64 int64            // size of the audio from it, negative if there is none
}

func (waveReader) find(f *finder, pos int64) int64 {
	head := f.bytes(pos, riffHeaderSize)
	w := &wave{order: binary.LittleEndian, audio64: -1}
	if string(head[:4]) == "RIFX" {
		w.order = binary.BigEndian
	}
	w.walk = walk{finder: f, start: pos, layout: layout{
		header: 8, align: 2, chunk: w.header8, known: waveChunks, audioID: "data",
	}}
	if size := w.order.Uint32(head[4:]); size != unknownSize {
		w.last = pos + 8 + int64(size)
	}
	end := w.walkFrom(pos+riffHeaderSize, w.visit)
	w.finish()
	return end
}

// header8 takes the 8 bytes of a chunk's header apart.
func (w *wave) header8(b []byte) (id []byte, size int64) {
	id, size = b[:4], int64(w.order.Uint32(b[4:]))
	if size != unknownSize {
		return id, size
	}
	if strings.EqualFold(string(id), "data") {
		return id, w.audio64
	}
	if size, ok := w.size64[string(id)]; ok {
		return id, size
	}
	return id, -1
}

func (w *wave) visit(c chunk) (audio bool, lead int64) {
	switch c.id {
	case "data", "DATA":
		return true, 0
	case "fmt ":
		w.describeWave(c, w.order)
	case "ds64":
		w.sizes64(c)
	case "fact":
		if b := w.bytes(c.body, 4); len(b) == 4 && c.size >= 4 {
			w.frames = int64(w.order.Uint32(b))
		}
	case "LIST":
		switch string(w.bytes(c.body, 4)) {
		case "wavl": // audio and silence in turns, each a chunk
			return false, 4
		case "INFO":
			w.text(textInfo, c)
		}
	case "bext":
		w.text(textBroadcast, c)
	case "id3 ", "ID3 ":
		w.text(textID3, c)
	}
	return false, -1
}

const (
	ds64Size      = 28
	ds64EntrySize = 12
	maxEntries    = 64
)

// sizes64 reads a ds64 chunk (EBU Tech 3306, section 3.4).
func (w *wave) sizes64(c chunk) {
	b := w.bytes(c.body, ds64Size+maxEntries*ds64EntrySize)
	b = b[:min(int64(len(b)), max(c.size, 0))]
	if len(b) < 16 {
		return
	}
	// Sizes beyond int64 turn negative, which means that they are not known.
	if end := int64(w.order.Uint64(b)); end > 0 && end <= w.size {
		w.last = w.start + 8 + end
	}
	w.audio64 = int64(w.order.Uint64(b[8:]))
	if w.audio64 == 0 {
		w.audio64 = -1 // never written
	}
	if len(b) < ds64Size {
		return
	}
	w.frames = max(int64(w.order.Uint64(b[16:])), 0)
	w.size64 = map[string]int64{}
	for table := b[ds64Size:]; len(table) >= ds64EntrySize; table = table[ds64EntrySize:] {
		w.size64[string(table[:4])] = int64(w.order.Uint64(table[4:]))
	}
}
