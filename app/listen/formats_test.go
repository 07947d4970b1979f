package listen_test

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/listen"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
)

// TestAllKindsOfSamplesAreHeard plays the same wave from files of all kinds, and
// two joined ones as one.
func TestAllKindsOfSamplesAreHeard(t *testing.T) {
	const n = 3000
	wave := make([]float64, n)
	for i := range wave {
		wave[i] = 0.5 * math.Sin(float64(i)*0.05)
	}
	of := func(kind recording.Kind, width int, bigEndian bool) []byte {
		f := recording.Format{Kind: kind, Width: width, ValidBits: 8 * width, BigEndian: bigEndian, Channels: 1, SampleRate: listen.SampleRate}
		var raw []byte
		for _, v := range wave {
			switch {
			case kind == recording.Float && width == 4:
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
			case kind == recording.Float:
				raw = binary.BigEndian.AppendUint64(raw, math.Float64bits(v))
			case kind == recording.Integer:
				raw = append(raw, f.Bytes([][]int32{{int32(v * (1 << 23))}})...)
			default:
				s, _ := slices.BinarySearch(kind.Values()[:], int32(v*float64(kind.Values()[255])))
				raw = append(raw, f.Bytes([][]int32{{int32(s) - 128}})...)
			}
		}
		container := "wav"
		if bigEndian {
			container = "aifc"
		}
		return recordingtest.File(container, f, raw)
	}
	integers := of(recording.Integer, 3, true)
	for name, test := range map[string]struct {
		file   []byte
		within float64
		times  int
	}{
		"integers": {integers, 1e-6, 1}, "joined": {slices.Concat(integers, integers), 1e-6, 2},
		"float": {of(recording.Float, 4, false), 1e-6, 1}, "double": {of(recording.Float, 8, true), 1e-6, 1},
		"mu-law": {of(recording.MuLaw, 1, false), 0.04, 1}, "A-law": {of(recording.ALaw, 1, false), 0.04, 1},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.trilobyte")
		if err := os.WriteFile(filepath.Join(dir, "a.wav"), test.file, 0o666); err != nil {
			t.Fatal(err)
		}
		engine := job.Engine{Codec: jobtest.Codec("listen")}
		if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{filepath.Join(dir, "a.wav")}, Archive: path}); err != nil {
			t.Fatal(err)
		}
		track := open(t, path)
		var got []float64
		for range test.times {
			ready(t, track)
			got = append(got, hear(t, track, n)...)
		}
		if len(got) != test.times*n {
			t.Errorf("%s: %d frames are heard", name, len(got))
			continue
		}
		for i, v := range got {
			if math.Abs(v-wave[i%n]) > test.within {
				t.Errorf("%s: frame %d is %v, want %v", name, i, v, wave[i%n])
				break
			}
		}
	}
}
