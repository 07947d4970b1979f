package recording

import (
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// The metadata blocks of FLAC files (RFC 9639, section 8). Only what they say in
// words is read here; package recipe reads the audio. The library at hand gives a
// block of comments up at the first one that is not as it should be.

const (
	flacBlockHeader = 4

	// Types of blocks.
	flacStreamInfo = 0
	flacComments   = 4

	maxBlocks = 1 << 10

	// flacMask is the comment that has a mask of speakers (section 8.6.2).
	flacMask = "flac.WAVEFORMATEXTENSIBLE_CHANNEL_MASK"
)

// flacSpeakers has the speakers of so many channels where no comment says others
// (section 9.1.3).
var flacSpeakers = [...]uint32{3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x70F, 8: 0x63F}

// flac remembers where the comments are of the FLAC file that begins at pos.
func (f *finder) flac(pos int64) {
	pos += int64(len(flacMagic))
	for range maxBlocks {
		b := f.bytes(pos, flacBlockHeader)
		if len(b) < flacBlockHeader {
			return
		}
		last, kind := b[0]>>7 == 1, b[0]&0x7F
		c := chunk{pos: pos, body: pos + flacBlockHeader, size: int64(binary.BigEndian.Uint32(b) & 0xFFFFFF)}
		switch kind {
		case flacStreamInfo:
			const channelsOffset = 12
			if info := f.bytes(c.body, channelsOffset+1); len(info) > channelsOffset {
				f.speakers(flacSpeakers[info[channelsOffset]>>1&7+1])
			}
		case flacComments:
			f.text(textFLAC, c)
		}
		if pos = c.end(); last {
			return
		}
	}
}

// vorbis takes a block of Vorbis comments apart: the name of a program, and a
// number of texts NAME=value, with their sizes.
func (m *Metadata) vorbis(b []byte) {
	next := func() (text []byte, ok bool) {
		if len(b) < 4 {
			return nil, false
		}
		size := int64(binary.LittleEndian.Uint32(b))
		if b = b[4:]; size > int64(len(b)) {
			return nil, false
		}
		text, b = b[:size], b[size:]
		return text, true
	}
	if _, ok := next(); !ok || len(b) < 4 {
		return
	}
	for b = b[4:]; len(m.Tags) < maxTexts; {
		text, ok := next()
		if !ok {
			return
		}
		name, value, ok := strings.Cut(string(text), "=")
		if name = "flac." + strings.ToUpper(name); !ok || len(name) == len("flac.") {
			continue
		}
		if name != flacMask {
			m.add(name, []byte(value), charmap.Windows1252)
		} else if mask, err := strconv.ParseUint(value, 0, 32); err == nil && mask > 0 {
			m.Speakers = uint32(mask)
		}
	}
}
