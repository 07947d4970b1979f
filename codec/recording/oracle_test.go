package recording_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"

	"pgregory.net/rapid"
)

// sound is what a reader finds in a file.
type sound struct {
	channels int
	rate     uint32
	samples  [][]int32
}

func (s sound) frames() int {
	if len(s.samples) == 0 {
		return 0
	}
	return len(s.samples[0])
}

func (s sound) equal(other sound) bool {
	return s.channels == other.channels && s.rate == other.rate &&
		slices.EqualFunc(s.samples, other.samples, slices.Equal[[]int32])
}

// cut returns the sound without its last frame.
func (s sound) cut() sound {
	shorter := sound{s.channels, s.rate, slices.Clone(s.samples)}
	for c := range shorter.samples {
		shorter.samples[c] = shorter.samples[c][:s.frames()-1]
	}
	return shorter
}

// heard returns what this package finds in a file, the first span of it.
func heard(b []byte) (sound, error) {
	f, samples, err := recordingtest.Audio(b)
	return sound{f.Channels, f.SampleRate, samples}, err
}

// oracle returns what go-audio/wav finds in a file.
func oracle(b []byte) (sound, error) {
	samples, rate, err := recordingtest.Oracle(b)
	return sound{len(samples), rate, samples}, err
}

// beyondOracle are the cases of which go-audio/wav reads nothing, or something
// else than is there, and why.
var beyondOracle = map[string]string{
	"empty-data-then-data":        "it believes in the first data chunk, which is empty",
	"block-4-mono-24-byte-rate-0": "it takes the size of a sample from wBitsPerSample, not from nBlockAlign",
	"zeros-before-chunks":         "it believes that the header of a chunk follows",
	"bad-format-then-good":        "it believes in the first fmt chunk",
	"upper-case-data":             "it knows lower-case names only",
	"pcm-12-in-16":                "it refuses a wBitsPerSample that is no multiple of 8, though it goes with the container",
	"pcm-20-in-24":                "it refuses a wBitsPerSample that is no multiple of 8, though it goes with the container",
	"pcm-24-in-32":                "it takes the size of a sample from wBitsPerSample, not from nBlockAlign",
	"size-0-streamed":             "it believes the size 0",
	"size-ffffffff-streamed":      "it rounds the size up to an even one, which overflows to 0",
	"odd-list-unpadded-before":    "it takes for granted that odd chunks are padded",
	"rf64":                        "it knows RIFF only",
	"rf64-metadata-after":         "it knows RIFF only",
	"bw64":                        "it knows RIFF only",
	"rf64-streamed":               "it knows RIFF only",
	"rf64-truncated":              "it knows RIFF only",
	"rf64-size-beyond-int64":      "it knows RIFF only",
	"rf64-without-ds64":           "it knows RIFF only",
	"rf64-with-32-bit-size":       "it knows RIFF only",
}

// oracleSurplus are the cases in which go-audio/wav finds one frame behind the
// right ones, and why.
var oracleSurplus = map[string]string{
	"one-sample-8":                  "it takes the byte that pads an odd chunk for a sample",
	"odd-length-padded":             "it takes the byte that pads an odd chunk for a sample",
	"odd-length-padded-then-list":   "it takes the byte that pads an odd chunk for a sample",
	"odd-length-unpadded-then-list": "it takes the byte behind an odd chunk for a sample",
	"truncated-within-a-frame":      "it makes a whole sample of half a one",
	"partial-last-frame":            "it rounds the size of the chunk up, to the byte that is missing in the frame",
}

func TestSamplesAreThoseOfTheOracle(t *testing.T) {
	listed := 0
	for _, c := range recordingtest.Cases() {
		_, odd := beyondOracle[c.Name]
		if _, surplus := oracleSurplus[c.Name]; surplus {
			odd = true
		}
		switch {
		case c.Container != "wav" || len(c.Audio) != 1 || c.Audio[0].Format.Kind != recording.Integer || c.Audio[0].Format.BigEndian:
			continue // go-audio/wav takes anything for integers, floating point and A-law too
		case !odd && (len(c.Notes) > 0 || !strings.HasPrefix(string(c.Bytes), "RIFF")):
			continue // it reads RIFF files, and believes their headers
		}
		t.Run(c.Name, func(t *testing.T) {
			got, err := heard(c.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			want, err := oracle(c.Bytes)
			if _, ok := beyondOracle[c.Name]; ok {
				listed++
				if err == nil && got.equal(want) {
					t.Error("go-audio/wav reads it: take it from the list")
				}
				return
			}
			if err != nil {
				t.Fatalf("go-audio/wav: %v", err)
			}
			if _, ok := oracleSurplus[c.Name]; ok {
				listed++
				if want.frames() != got.frames()+1 {
					t.Fatalf("go-audio/wav finds %d frames, this package %d", want.frames(), got.frames())
				}
				want = want.cut()
			}
			if !got.equal(want) {
				t.Errorf("%d frames of %d channels, %d Hz; go-audio/wav finds %d of %d, %d Hz, or other samples",
					got.frames(), got.channels, got.rate, want.frames(), want.channels, want.rate)
			}
		})
	}
	if listed != len(beyondOracle)+len(oracleSurplus) {
		t.Errorf("%d cases met of %d listed", listed, len(beyondOracle)+len(oracleSurplus))
	}
}

// drawChunks draws chunks that are not audio, odd ones padded.
func drawChunks(t *rapid.T, label string) []byte {
	var b []byte
	for range rapid.IntRange(0, 3).Draw(t, label) {
		body := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "body")
		b = append(b, rapid.SampledFrom([]string{"JUNK", "bext", "fact", "id3 "}).Draw(t, "identifier")...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
		b = append(b, body...)
		b = append(b, make([]byte, len(body)%2)...)
	}
	return b
}

func TestSamplesOfAnyFileAreThoseOfTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := recording.Format{
			Channels:   rapid.IntRange(1, 12).Draw(t, "channels"),
			SampleRate: rapid.Uint32Min(1).Draw(t, "rate"),
			Width:      rapid.IntRange(1, 4).Draw(t, "bytes a sample"),
		}
		f.ValidBits = rapid.IntRange(1, f.ContainerBits()).Draw(t, "valid bits")
		f.Unsigned = f.Width == 1
		frames := rapid.IntRange(1, 60).Draw(t, "frames")
		size := frames * f.FrameBytes()
		raw := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "raw")
		plain := recordingtest.WAV(f, f.Samples(raw))
		file := slices.Concat(plain[:12], drawChunks(t, "before"), plain[12:], drawChunks(t, "after"))

		got, err := heard(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := oracle(file)
		if err != nil {
			t.Fatalf("go-audio/wav: %v", err)
		}
		if f.Channels == 1 && size%2 == 1 { // see oracleSurplus
			want = want.cut()
		}
		if !got.equal(want) {
			t.Fatalf("got %d, go-audio/wav finds %d", got.samples, want.samples)
		}
	})
}
