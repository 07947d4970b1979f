package wav

import "encoding/binary"

// Format is how the samples of a file are stored.
type Format struct {
	Channels      int    // 1 to MaxChannels
	SampleRate    uint32 // Hz, not 0
	ContainerBits int    // bits that a stored sample occupies: 8, 16, 24 or 32
	ValidBits     int    // bits of it that are in use, as declared: 1 to ContainerBits
}

// MaxChannels is the most channels a file may have.
const MaxChannels = 255

// FrameBytes is the size in bytes of a frame: one sample for every channel.
func (f Format) FrameBytes() int { return f.Channels * f.ContainerBits / 8 }

// Values of wFormatTag (RFC 2361 and Microsoft's mmreg.h).
const (
	tagPCM        = 0x0001
	tagExtensible = 0xFFFE
)

// codings names what else than integer PCM musicians are likely to meet.
var codings = map[uint16]string{
	0x0002: "ADPCM (Microsoft), which is compressed already",
	0x0003: "floating-point samples",
	0x0006: "A-law, which is compressed already",
	0x0007: "mu-law, which is compressed already",
	0x0011: "ADPCM (IMA), which is compressed already",
	0x0031: "GSM 6.10, which is compressed already",
	0x0050: "MPEG audio, which is compressed already",
	0x0055: "MP3, which is compressed already",
	0x0092: "AC-3, which is compressed already",
	0x00FF: "AAC, which is compressed already",
	0x0161: "Windows Media Audio, which is compressed already",
	0xF1AC: "FLAC, which is compressed already",
}

// The subformats of WAVE_FORMAT_EXTENSIBLE are the format tag followed by one
// of these: KSDATAFORMAT_SUBTYPE_*, or the same for ambisonic B-format files.
const (
	subtypeTail   = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
	ambisonicTail = "\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00"
)

const (
	formatSize     = 16 // WAVEFORMAT with wBitsPerSample
	extensibleSize = 40 // WAVEFORMATEXTENSIBLE
)

// format reads the format chunk of the given length that begins at body.
func (p *parser) format(body, length int64) (Format, error) {
	if length < formatSize {
		return Format{}, notPCM("its fmt chunk has only %d bytes", length)
	}
	var b [extensibleSize]byte
	n := min(length, extensibleSize)
	if err := p.read(b[:n], body); err != nil {
		return Format{}, err
	}
	return parseFormat(b[:n])
}

// parseFormat takes apart the 16 to 40 bytes of a format chunk.
func parseFormat(b []byte) (Format, error) {
	var (
		tag        = binary.LittleEndian.Uint16(b)
		channels   = int(binary.LittleEndian.Uint16(b[2:]))
		sampleRate = binary.LittleEndian.Uint32(b[4:])
		blockAlign = int(binary.LittleEndian.Uint16(b[12:]))
		bits       = int(binary.LittleEndian.Uint16(b[14:]))
	)
	if tag == tagExtensible {
		if len(b) < extensibleSize {
			return Format{}, notPCM("its extensible fmt chunk has only %d bytes", len(b))
		}
		tag = binary.LittleEndian.Uint16(b[24:])
		if tail := string(b[26:40]); tail != subtypeTail && tail != ambisonicTail {
			return Format{}, notPCM("its samples are coded in an unknown way (subformat % x)", b[24:40])
		}
		// 0 is what programs write that leave the field unused.
		if valid := int(binary.LittleEndian.Uint16(b[18:])); valid != 0 {
			bits = valid
		}
	}
	if tag != tagPCM {
		if coding, ok := codings[tag]; ok {
			return Format{}, notPCM("it holds %s", coding)
		}
		return Format{}, notPCM("its samples are coded in an unknown way (format tag 0x%04x)", tag)
	}
	if channels < 1 || channels > MaxChannels {
		return Format{}, notPCM("its header declares %d channels (1 to %d are possible)", channels, MaxChannels)
	}
	if sampleRate == 0 {
		return Format{}, notPCM("its header declares a sample rate of 0 Hz")
	}
	// The container follows from nBlockAlign: wBitsPerSample is 12, 20 or 24
	// in files whose samples occupy 16, 24 or 32 bits.
	container := blockAlign / channels * 8
	if blockAlign%channels != 0 || container < 8 || container > 32 {
		return Format{}, notPCM("its header contradicts itself: %d bytes a frame for %d channels of %d bits", blockAlign, channels, bits)
	}
	if bits < 1 || bits > container {
		return Format{}, notPCM("its header contradicts itself: %d bits in samples of %d bits", bits, container)
	}
	return Format{Channels: channels, SampleRate: sampleRate, ContainerBits: container, ValidBits: bits}, nil
}
