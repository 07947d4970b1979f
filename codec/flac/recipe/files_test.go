package recipe_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
)

// shortFile is a FLAC file of three frames, with the offsets of these.
func shortFile(tb testing.TB) (data []byte, frames []int) {
	tb.Helper()
	format := flac.Format{Channels: 2, Bits: 16, SampleRate: 44100}
	samples := make([][]int32, 2)
	for c := range samples {
		for i := range 10_000 {
			samples[c] = append(samples[c], int32((i*i/100+c*i)%1000-500))
		}
	}
	data = encode(tb, format, samples)
	for _, part := range analyse(tb, data, 1).Parts {
		frames = append(frames, int(part.Offset))
	}
	if len(frames) != 3 {
		tb.Fatalf("the file has %d frames", len(frames))
	}
	return data, frames
}

// block is a metadata block.
func block(kind byte, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b[0] = kind
	return append(b, body...)
}

// insert returns data with more at the given offset.
func insert(data []byte, at int, more ...byte) []byte {
	return slices.Insert(slices.Clone(data), at, more...)
}

// withSamples returns data whose STREAMINFO states so many samples.
func withSamples(data []byte, samples uint32) []byte {
	data = slices.Clone(data)
	data[21] &= 0xF0
	binary.BigEndian.PutUint32(data[22:], samples)
	return data
}

const (
	afterMarker     = 4
	afterStreamInfo = 4 + 4 + 34
)

// What stands around the frames is left to the caller, to the byte.
func TestWhatStandsAroundTheFrames(t *testing.T) {
	data, frames := shortFile(t)
	id3 := append([]byte("ID3\x04\x00\x00\x00\x00\x02\x01"), make([]byte, 257)...)
	id3WithFooter := append([]byte("ID3\x04\x00\x10\x00\x00\x00\x05"), make([]byte, 15)...)
	id3v1 := append([]byte("TAG"), make([]byte, 125)...)
	for _, tt := range []struct {
		name       string
		data       []byte
		head, tail int // bytes more than without
		parts      int
	}{
		{"as it is", data, 0, 0, 3},
		{"ID3v2 in front", append(slices.Clone(id3), data...), len(id3), 0, 3},
		{"two ID3v2 in front, one with a footer", slices.Concat(id3WithFooter, id3, data), len(id3) + len(id3WithFooter), 0, 3},
		{"ID3v1 behind", slices.Concat(data, id3v1), 0, len(id3v1), 3},
		{"zeros behind", slices.Concat(data, make([]byte, 3_000_000)), 0, 3_000_000, 3},
		{"half a frame behind", slices.Concat(data, data[frames[1]:frames[1]+100]), 0, 100, 3},
		{"a picture, a cue sheet, padding, unknown blocks", insert(data, afterStreamInfo, slices.Concat(
			block(6, make([]byte, 1_000_000)), block(5, make([]byte, 396)), block(1, make([]byte, 8192)), block(126, []byte("x")),
		)...),
			4 + 1_000_000 + 4 + 396 + 4 + 8192 + 4 + 1, 0, 3},
		{"number of samples unknown", withSamples(data, 0), 0, 0, 3},
		{"number of samples unknown, ID3v1 behind", slices.Concat(withSamples(data, 0), id3v1), 0, len(id3v1), 3},
		{"number of samples too small", withSamples(data, 9_999), 0, 0, 3},
		{"no frames", withSamples(data[:frames[0]], 0), 0, 0, 0},
		{"another file behind", slices.Concat(data, data), 0, len(data), 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := analyse(t, tt.data, 1)
			check(t, tt.data, file, 1)
			head, tail := file.HeadSize, file.Size-file.TailOffset
			if head != int64(frames[0]+tt.head) || tail != int64(tt.tail) || len(file.Parts) != tt.parts {
				t.Errorf("head %d, tail %d, %d parts", head, tail, len(file.Parts))
			}
		})
	}
}

// Files that must be kept whole give a reason and the place, in plain words.
func TestFilesThatAreKeptWhole(t *testing.T) {
	data, frames := shortFile(t)
	flip := func(at int) []byte {
		d := slices.Clone(data)
		d[at] ^= 0x10
		return d
	}
	otherChannels := slices.Clone(data)
	otherChannels[20] ^= 4
	for _, tt := range []struct {
		name   string
		data   []byte
		offset int
		reason string
	}{
		{"a bit of a frame", flip(frames[1] + 500), frames[1], ""},
		{"a bit of the last frame's checksum", flip(len(data) - 1), frames[2], "the checksum of the frame is wrong"},
		{"a bit of a frame's header", flip(frames[1] + 2), frames[1], "the checksum of the frame's header is wrong"},
		{"a bit of a sync code", flip(frames[1]), frames[1], "there is no frame where one is expected"},
		{"junk between frames", insert(data, frames[2], 0), frames[2], "there is no frame where one is expected"},
		{"ends within a frame", data[:len(data)-1], frames[2], "the file ends within a frame"},
		{"ends within a header", data[:frames[2]+3], frames[2], "the file ends within a frame"},
		{"ends before its last frame", data[:frames[2]], frames[2],
			"the file ends after 8192 samples, but its header says 10000"},
		{"ends within a frame, number of samples unknown", withSamples(data, 0)[:len(data)-1], frames[2],
			"the file ends within a frame"},
		{"damaged, number of samples unknown", withSamples(flip(frames[1]+500), 0), frames[1], ""},
		{"ends within its metadata", data[:frames[0]-1], afterStreamInfo, "the file ends within its metadata"},
		{"ends behind the marker", data[:afterMarker], afterMarker, "the file ends within its metadata"},
		{"no STREAMINFO", slices.Delete(slices.Clone(data), afterMarker, afterStreamInfo), afterMarker, "STREAMINFO"},
		{"a block of a forbidden type", insert(data, afterStreamInfo, block(127, nil)...), afterStreamInfo, "forbids"},
		{"other channels than in the header", otherChannels, frames[0], "the frame has 2 channels, but the file's header says"},
		{"no sample rate", slices.Concat(data[:18], []byte{0, 0, data[20] & 0x0F}, data[21:]), afterMarker, "sample rate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := recipe.Analyse(context.Background(), bytes.NewReader(tt.data), int64(len(tt.data)), 1, 2, nil)
			var problem *recipe.Problem
			if !errors.As(err, &problem) {
				t.Fatalf("the error is %v", err)
			}
			if problem.Offset != int64(tt.offset) || !strings.Contains(problem.Reason, tt.reason) {
				t.Errorf("%v, want %q at byte %d", problem, tt.reason, tt.offset)
			}
		})
	}
}

func TestOtherFiles(t *testing.T) {
	for _, data := range []string{"", "fL", "RIFF....WAVEfmt ", "ID3", "ID3\x04\x00\x00\x7F\x7F\x7F\x7F", "OggS"} {
		_, err := recipe.Analyse(context.Background(), strings.NewReader(data), int64(len(data)), 1, 2, nil)
		if !errors.Is(err, recipe.ErrNotFLAC) {
			t.Errorf("%q: the error is %v", data, err)
		}
	}
}

// Whatever a file holds, Analyse returns an error or what comes back.
func FuzzAnalyse(f *testing.F) {
	data, frames := shortFile(f)
	f.Add(data)
	f.Add(withSamples(data, 0)[:frames[1]])
	f.Add(append([]byte("ID3\x04\x00\x00\x00\x00\x00\x01\x00"), data[:frames[0]]...))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := recipe.Analyse(context.Background(), bytes.NewReader(data), int64(len(data)), 100, 2, nil)
		if err == nil {
			check(t, data, file, 100)
		}
	})
}
