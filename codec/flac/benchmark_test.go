package flac_test

import (
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/internal/simd"
)

// BenchmarkLevel8 times Measure, on every path of this machine, and Encoder,
// each on one core, and beside them `flac -8` where it is installed, on the same
// sound: generated chords, and the stereo mixes of the public set where that is
// present.
func BenchmarkLevel8(b *testing.B) {
	for _, bits := range []int{16, 24} {
		format := flac.Format{Channels: 2, Bits: bits, SampleRate: 44100}
		b.Run("chords"+strconv.Itoa(bits), func(b *testing.B) {
			benchmarkLevel8(b, format, signalOf(7, 20*44100, bits, 2))
		})
	}
	for _, name := range []string{"music16/rendered_be_sharp.wav", "music24/rendered_midnight_96k.wav"} {
		b.Run(filepath.Base(name), func(b *testing.B) {
			data, err := os.ReadFile(filepath.Join(publicSet, name))
			if err != nil {
				b.Skip("the public benchmark set is not here")
			}
			format, samples := parseWAV(b, data)
			benchmarkLevel8(b, format, samples)
		})
	}
}

func benchmarkLevel8(b *testing.B, format flac.Format, samples [][]int32) {
	report := func(b *testing.B) {
		seconds := float64(len(samples[0])) / float64(format.SampleRate) * float64(b.N)
		b.ReportMetric(seconds/b.Elapsed().Seconds(), "x_realtime")
	}
	defer simd.Use(simd.InUse())
	for _, path := range slices.Backward(simd.Paths()) { // the fastest last, which stays in use
		b.Run("Measure/"+string(path), func(b *testing.B) {
			if err := simd.Use(path); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := flac.Measure(samples, format.Bits, format.SampleRate, 0); err != nil {
					b.Fatal(err)
				}
			}
			report(b)
		})
	}
	b.Run("Encoder", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e, err := flac.NewEncoder(discard{}, format, nil)
			if err != nil {
				b.Fatal(err)
			}
			if err := e.Write(samples); err != nil {
				b.Fatal(err)
			}
			if err := e.Close(); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
	})
	b.Run("flac -8", func(b *testing.B) {
		tool := referenceTool(b)
		path := filepath.Join(b.TempDir(), "samples.raw")
		if err := os.WriteFile(path, interleave(samples, format.Bits), 0o600); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			command := exec.Command(tool, "-s", "-8", "-c", "--no-padding", "--force-raw-format", "--endian=little", "--sign=signed",
				"--channels="+strconv.Itoa(format.Channels), "--bps="+strconv.Itoa(format.Bits), "--sample-rate="+strconv.Itoa(int(format.SampleRate)), path)
			command.Stdout = io.Discard
			if err := command.Run(); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
	})
}

// interleave returns samples as little-endian signed PCM in whole bytes.
func interleave(samples [][]int32, bits int) []byte {
	var raw []byte
	for i := range samples[0] {
		for _, channel := range samples {
			word := binary.LittleEndian.AppendUint32(nil, uint32(channel[i]))
			raw = append(raw, word[:(bits+7)/8]...)
		}
	}
	return raw
}

// discard is a file that keeps nothing.
type discard struct{}

func (discard) Write(p []byte) (int, error)    { return len(p), nil }
func (discard) Seek(int64, int) (int64, error) { return 0, nil }
