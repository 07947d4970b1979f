// Package sound reads the recordings that models are trained on and measured with.
package sound

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/mewkiz/flac"

	"trilobyte/codec/wav"
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

func readWAV(path string, limit int) (*Sound, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := wav.Parse(f, info.Size())
	if err != nil {
		return nil, err
	}
	size := min(file.DataSize, int64(limit/file.Format.Channels*file.Format.FrameBytes()))
	raw := make([]byte, size)
	if _, err := f.ReadAt(raw, file.DataOffset); err != nil {
		return nil, err
	}
	return &Sound{file.Format.Samples(raw), file.Format.ContainerBits, file.Format.SampleRate}, nil
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
