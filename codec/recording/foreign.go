package recording

import (
	"encoding/binary"
	"strings"
)

// foreignSize is how many bytes tell which other kind of file it is.
const foreignSize = 16

// flacMagic is how FLAC files begin (RFC 9639, section 6).
const flacMagic = "fLaC"

// magics are the first bytes of files that may be called recordings, or hold
// sound, but are not read here.
var magics = []struct {
	offset int
	magic  string
	reason Reason
}{
	{0, flacMagic, Reason{Kind: Compressed, Name: "FLAC"}},
	{0, "OggS", Reason{Kind: Compressed, Name: "Ogg"}},
	{0, "wvpk", Reason{Kind: Compressed, Name: "WavPack"}},
	{0, "MAC ", Reason{Kind: Compressed, Name: "Monkey's Audio"}},
	{0, "TTA", Reason{Kind: Compressed, Name: "True Audio"}},
	{0, "tBaK", Reason{Kind: Compressed, Name: "TAK"}},
	{0, "OFR ", Reason{Kind: Compressed, Name: "OptimFROG"}},
	{0, "ajkg", Reason{Kind: Compressed, Name: "Shorten"}},
	{0, "MPCK", Reason{Kind: Compressed, Name: "Musepack"}},
	{0, "MP+", Reason{Kind: Compressed, Name: "Musepack"}},
	{0, "#!AMR", Reason{Kind: Compressed, Name: "AMR"}},
	{0, "\xff\xf1", Reason{Kind: Compressed, Name: "AAC"}},
	{0, "\xff\xf9", Reason{Kind: Compressed, Name: "AAC"}},
	{0, "\x0b\x77", Reason{Kind: Compressed, Name: "AC-3"}},
	{0, "\x7f\xfe\x80\x01", Reason{Kind: Compressed, Name: "DTS"}},
	{0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", Reason{Kind: Compressed, Name: "Windows Media"}},
	{0, "\x1a\x45\xdf\xa3", Reason{Kind: Compressed, Name: "Matroska"}},
	{4, "ftyp", Reason{Kind: Compressed, Name: "MPEG-4"}},
	{0, "DSD ", Reason{Kind: DSD, Name: "DSF"}},
	{0, "FRM8", Reason{Kind: DSD, Name: "DSDIFF"}},
	{0, "Creative Voice F", Reason{Kind: Unsupported, Name: "samples of a VOC file"}},
	{0, "NIST_1A", Reason{Kind: Unsupported, Name: "samples of a NIST SPHERE file"}},
	{8, "8SVX", Reason{Kind: Unsupported, Name: "samples of an 8SVX file"}},
	{8, "AVI ", Reason{Kind: NotRecording, Name: "an AVI file"}},
	{8, "WEBP", Reason{Kind: NotRecording, Name: "a WebP picture"}},
	{8, "sfbk", Reason{Kind: NotRecording, Name: "a SoundFont"}},
}

// foreign returns why a file is kept that is in none of the containers. b is its
// beginning, behind an ID3 tag if there is one.
func foreign(b []byte, id3 bool) Reason {
	for _, m := range magics {
		if len(b) >= m.offset && strings.HasPrefix(string(b[m.offset:]), m.magic) {
			return m.reason
		}
	}
	// The header of an MPEG audio frame (ISO 11172-3, section 2.4.1.3): sync
	// word, a layer, bit rate and sample rate that are not reserved.
	mpeg := func(h uint16, rates byte) bool {
		return h&0xFFE0 == 0xFFE0 && h&0x18 != 0x08 && h&6 != 0 && rates>>4 != 15 && rates>>4 != 0 && rates>>2&3 != 3
	}
	switch {
	case id3, len(b) >= 3 && mpeg(binary.BigEndian.Uint16(b), b[2]):
		return Reason{Kind: Compressed, Name: "MPEG audio"}
	case len(b) == 0:
		return Reason{Kind: NotRecording, Name: "empty"}
	}
	return Reason{Kind: NotRecording}
}
