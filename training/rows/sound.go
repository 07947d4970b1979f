package main

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

// sound is a piece of a recording: samples[channel][frame], signed, of so many bits.
type sound struct {
	samples [][]int32
	bits    int
}

// read reads at most limit samples (over all channels) from the beginning of a WAV or FLAC file.
func read(path string, limit int) (*sound, error) {
	decode := readWAV
	if strings.EqualFold(filepath.Ext(path), ".flac") {
		decode = readFLAC
	}
	s, err := decode(path, limit)
	if err == nil && (len(s.samples) == 0 || len(s.samples[0]) == 0) {
		err = errors.New("it has no samples")
	}
	return s, err
}

func readWAV(path string, limit int) (*sound, error) {
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
	return &sound{file.Format.Samples(raw), file.Format.ContainerBits}, nil
}

func readFLAC(path string, limit int) (*sound, error) {
	stream, err := flac.Open(path)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	s := &sound{samples: make([][]int32, stream.Info.NChannels), bits: int(stream.Info.BitsPerSample)}
	for len(s.samples[0])*len(s.samples) < limit {
		frame, err := stream.ParseNext()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for c, sub := range frame.Subframes {
			s.samples[c] = append(s.samples[c], sub.Samples...)
		}
	}
	return s, nil
}

// variants returns the sound as other software would have left it: turned down, and cut to 8 bits. They teach the
// model coarse quantisation, of which the recordings themselves have little.
func variants(s *sound, random *rand.Rand) []*sound {
	var list []*sound
	if random.Float64() < 0.3 {
		decibels := -24 * random.Float64()
		list = append(list, s.rescaled(math.Pow(10, decibels/20), s.bits))
	}
	if s.bits > 8 && random.Float64() < 0.35 {
		list = append(list, s.rescaled(math.Ldexp(1, 8-s.bits), 8))
	}
	return list
}

// rescaled returns the sound multiplied by gain and rounded, as samples of the given bits.
func (s *sound) rescaled(gain float64, bits int) *sound {
	r := &sound{bits: bits}
	low, high := -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1)-1
	for _, channel := range s.samples {
		scaled := make([]int32, len(channel))
		for i, v := range channel {
			scaled[i] = int32(min(high, max(low, math.Round(float64(v)*gain))))
		}
		r.samples = append(r.samples, scaled)
	}
	return r
}
