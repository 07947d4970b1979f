// Package sound reads the recordings that models are trained on and measured with.
package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-audio/audio"
	"github.com/go-audio/wav"
	"github.com/mewkiz/flac"
)

// Sound is a piece of a recording.
type Sound struct {
	Samples [][]int32 // [channel][frame], signed
	Bits    int       // of a sample, 4 to 32
	Rate    uint32    // Hz
}

// IsAudio tells whether the name is one that Read knows how to read.
func IsAudio(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".wav" || ext == ".flac"
}

// Read reads at most limit samples (over all channels) from the beginning of a WAV or FLAC file.
func Read(path string, limit int) (*Sound, error) {
	decode := readWAV
	if strings.EqualFold(filepath.Ext(path), ".flac") {
		decode = readFLAC
	}
	s, err := decode(path, limit)
	if err == nil && (len(s.Samples) == 0 || len(s.Samples[0]) == 0) {
		err = errors.New("it has no samples")
	}
	return s, err
}

// Values of wFormatTag: integers, and what has its kind of samples in a longer header.
const (
	tagPCM        = 0x0001
	tagExtensible = 0xFFFE
)

// readWAV reads what go-audio/wav can read: RIFF files of 8, 16, 24 or 32 bits.
func readWAV(path string, limit int) (*Sound, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := wav.NewDecoder(f)
	if err := errors.Join(d.FwdToPCM(), d.Err()); err != nil {
		return nil, err
	}
	// The decoder does not tell which samples a longer header has. Integers are the only ones of up to 24 bits.
	integers := d.WavAudioFormat == tagPCM || d.WavAudioFormat == tagExtensible && d.BitDepth <= 24
	if !integers || d.NumChans == 0 || d.BitDepth == 0 {
		return nil, fmt.Errorf("it may hold other samples than integers (format tag 0x%04x, %d bits)", d.WavAudioFormat, d.BitDepth)
	}
	// Nor does it tell a sample from the byte that pads an odd number of bytes.
	size, err := chunkSize(f)
	if err != nil {
		return nil, err
	}
	s := &Sound{Samples: make([][]int32, d.NumChans), Bits: int(d.BitDepth), Rate: d.SampleRate}
	return s, s.fill(d, min(limit, int(size)*8/s.Bits))
}

// chunkSize returns what the header that was read last says about the bytes of its chunk.
func chunkSize(f *os.File) (uint32, error) {
	body, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	var b [4]byte
	_, err = f.ReadAt(b[:], body-int64(len(b)))
	return binary.LittleEndian.Uint32(b[:]), err
}

// fill appends at most limit samples (over all channels).
func (s *Sound) fill(d *wav.Decoder, limit int) error {
	zero := 0
	if s.Bits == 8 {
		zero = 128 // these are unsigned
	}
	const framesAtOnce = 1 << 14
	channels := len(s.Samples)
	buffer := audio.IntBuffer{Data: make([]int, framesAtOnce*channels)}
	for left := limit / channels; left > 0; {
		n, err := d.PCMBuffer(&buffer)
		if err != nil {
			return err
		}
		frames := min(n/channels, left)
		if frames == 0 {
			break
		}
		for i, v := range buffer.Data[:frames*channels] {
			s.Samples[i%channels] = append(s.Samples[i%channels], int32(v-zero))
		}
		left -= frames
	}
	return nil
}

func readFLAC(path string, limit int) (*Sound, error) {
	stream, err := flac.Open(path)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	s := &Sound{Samples: make([][]int32, stream.Info.NChannels), Bits: int(stream.Info.BitsPerSample), Rate: stream.Info.SampleRate}
	for len(s.Samples[0])*len(s.Samples) < limit {
		frame, err := stream.ParseNext()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for c, sub := range frame.Subframes {
			s.Samples[c] = append(s.Samples[c], sub.Samples...)
		}
	}
	return s, nil
}

// Variants returns the sound as other software would have left it: turned down, and cut to 8 bits. They teach the
// model coarse quantisation, of which the recordings themselves have little.
func (s *Sound) Variants(random *rand.Rand) []*Sound {
	var list []*Sound
	if random.Float64() < 0.3 {
		decibels := -24 * random.Float64()
		list = append(list, s.rescaled(math.Pow(10, decibels/20), s.Bits))
	}
	if s.Bits > 8 && random.Float64() < 0.35 {
		list = append(list, s.rescaled(math.Ldexp(1, 8-s.Bits), 8))
	}
	return list
}

// rescaled returns the sound multiplied by gain and rounded, as samples of the given bits.
func (s *Sound) rescaled(gain float64, bits int) *Sound {
	r := &Sound{Bits: bits}
	low, high := -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1)-1
	for _, channel := range s.Samples {
		scaled := make([]int32, len(channel))
		for i, v := range channel {
			scaled[i] = int32(min(high, max(low, math.Round(float64(v)*gain))))
		}
		r.Samples = append(r.Samples, scaled)
	}
	return r
}
