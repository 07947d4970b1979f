package recording

import "fmt"

// Kind is what the bits of a stored sample mean.
type Kind uint8

// The kinds of samples. Archives hold these numbers: they never change.
const (
	Integer Kind = iota // two's complement, or unsigned (see Format)
	Float               // IEEE 754 binary32 or binary64
	MuLaw               // ITU-T G.711, mu-law, as files have it: all bits inverted
	ALaw                // ITU-T G.711, A-law, as files have it: even bits inverted
)

// String returns "int", "float", "mulaw" or "alaw".
func (k Kind) String() string {
	switch k {
	case Integer:
		return "int"
	case Float:
		return "float"
	case MuLaw:
		return "mulaw"
	case ALaw:
		return "alaw"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// MaxChannels is the most channels that audio may have.
const MaxChannels = 255

// Format is how the samples of a span of audio are stored: interleaved, frame
// after frame, without gaps.
type Format struct {
	Kind       Kind
	Channels   int    // 1 to MaxChannels
	SampleRate uint32 // Hz, rounded; not 0
	Width      int    // bytes that a stored sample occupies: Integer 1 to 4, Float 4 or 8, MuLaw and ALaw 1
	// ValidBits is how many bits of a sample are in use, as declared: 1 to
	// 8 x Width. They are the highest ones (left-justified) in every container
	// that is read here; what the bits below hold is not checked. 8 x Width for
	// kinds other than Integer.
	ValidBits int
	BigEndian bool // false if Width is 1
	Unsigned  bool // an Integer of 1 byte stored with 128 added, as in WAV files
}

// FrameBytes is the size in bytes of a frame: one sample for every channel.
func (f Format) FrameBytes() int { return f.Channels * f.Width }

// ContainerBits is the size in bits of a stored sample.
func (f Format) ContainerBits() int { return f.Width * 8 }

// Check returns an error that says what is impossible about f, or nil.
func (f Format) Check() error {
	switch f.Kind {
	case Integer:
		if f.Width < 1 || f.Width > 4 {
			return fmt.Errorf("integers of %d bytes are impossible", f.Width)
		}
	case Float:
		if f.Width != 4 && f.Width != 8 {
			return fmt.Errorf("floats of %d bytes are impossible", f.Width)
		}
	case MuLaw, ALaw:
		if f.Width != 1 {
			return fmt.Errorf("companded samples of %d bytes are impossible", f.Width)
		}
	default:
		return fmt.Errorf("samples of kind %d are impossible", f.Kind)
	}
	switch {
	case f.Channels < 1 || f.Channels > MaxChannels:
		return fmt.Errorf("%d channels are impossible", f.Channels)
	case f.SampleRate == 0:
		return fmt.Errorf("a sample rate of 0 Hz is impossible")
	case f.ValidBits < 1 || f.ValidBits > f.ContainerBits() || f.Kind != Integer && f.ValidBits != f.ContainerBits():
		return fmt.Errorf("%d valid bits of %d are impossible", f.ValidBits, f.ContainerBits())
	case f.BigEndian && f.Width == 1:
		return fmt.Errorf("samples of one byte have no byte order")
	case f.Unsigned && (f.Kind != Integer || f.Width != 1):
		return fmt.Errorf("only integers of one byte can be unsigned")
	}
	return nil
}
