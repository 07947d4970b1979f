package flac_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"trilobyte/codec/flac"
)

// TestFramesFitTheirStream makes frames for streams with blocks of all kinds, in two parts, and reads the streams.
func TestFramesFitTheirStream(t *testing.T) {
	format := flac.Format{Channels: 2, Bits: 16, SampleRate: 44100}
	samples := make([][]int32, 2)
	for c := range samples {
		for i := range 40_000 {
			samples[c] = append(samples[c], int32((i*i/(7+c)+i*(c+3))%20_000-10_000))
		}
	}
	clear(samples[1])
	path := encode(t, format, samples, nil)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	part := func(start, end int) [][]int32 { return [][]int32{samples[0][start:end], samples[1][start:end]} }
	var paths []string
	for _, block := range []int{flac.BlockSize, 16, 1152, 4608, 16384, 65535, 0} {
		cut := 3 * block
		if cut == 0 || cut > len(samples[0]) {
			cut = 12_345 // no frame of so many samples ends there, so they have the numbers of their samples
		}
		stream := slices.Clone(whole[:flac.HeaderSize])
		clear(stream[12:18]) // the sizes of frames are unknown
		least, most := block, block
		if cut == 12_345 {
			least, most = 16, 65535
			block = 0
		}
		binary.BigEndian.PutUint16(stream[8:], uint16(least))
		binary.BigEndian.PutUint16(stream[10:], uint16(most))
		for _, r := range [][2]int{{0, cut}, {cut, len(samples[0])}} {
			frames, err := flac.Frames(format, part(r[0], r[1]), int64(r[0]), block)
			if err != nil {
				t.Fatal(err)
			}
			stream = append(stream, frames...)
		}
		if block == flac.BlockSize && !bytes.Equal(stream[flac.HeaderSize:], whole[flac.HeaderSize:]) {
			t.Error("the frames are not those of the Encoder")
		}
		checkEqual(t, mewkizDecode(t, stream), samples)
		paths = append(paths, filepath.Join(t.TempDir(), "a.flac"))
		if err := os.WriteFile(paths[len(paths)-1], stream, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	checkWithTool(t, paths)
	if _, err := flac.Frames(format, [][]int32{{1 << 20}, {0}}, 0, 0); err == nil {
		t.Error("a sample of too many bits was accepted")
	}
	if _, err := flac.Frames(flac.Format{}, nil, 0, 0); err == nil {
		t.Error("an impossible format was accepted")
	}
}
