package flac_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"trilobyte/codec/flac"
)

// The public benchmark set, which is not part of the repository.
const publicSet = "../../../shared/audio/dev"

// A recording is a WAV file of the public set.
type recording struct {
	class, path string
	format      flac.Format
	samples     [][]int32
}

// publicRecordings reads the public set, or skips the test where it is missing.
func publicRecordings(tb testing.TB) []recording {
	paths, err := filepath.Glob(filepath.Join(publicSet, "*", "*.wav"))
	if err != nil {
		tb.Fatal(err)
	}
	if len(paths) == 0 {
		tb.Skip("the public benchmark set is not here")
	}
	var list []recording
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		r := recording{class: filepath.Base(filepath.Dir(path)), path: path}
		r.format, r.samples = parseWAV(tb, data)
		list = append(list, r)
	}
	return list
}

// parseWAV reads a well-formed PCM file.
func parseWAV(tb testing.TB, data []byte) (flac.Format, [][]int32) {
	var format flac.Format
	for rest := data[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8 : 8+size]
		switch id {
		case "fmt ":
			format.Channels = int(binary.LittleEndian.Uint16(body[2:]))
			format.SampleRate = binary.LittleEndian.Uint32(body[4:])
			format.Bits = int(binary.LittleEndian.Uint16(body[14:]))
		case "data":
			return format, deinterleave(body, format)
		}
		rest = rest[8+size+size%2:]
	}
	tb.Fatal("no data chunk")
	return format, nil
}

// deinterleave turns little-endian PCM, unsigned at 8 bits, into samples.
func deinterleave(raw []byte, format flac.Format) [][]int32 {
	width := format.Bits / 8
	samples := make([][]int32, format.Channels)
	for i := 0; i+width <= len(raw); i += width {
		x := int32(0)
		for b := range width {
			x |= int32(raw[i+b]) << (8*b + 32 - format.Bits)
		}
		x >>= 32 - format.Bits
		if width == 1 {
			x = int32(raw[i]) - 128
		}
		c := i / width % format.Channels
		samples[c] = append(samples[c], x)
	}
	return samples
}

// referenceFrames returns the bytes of frames that `flac -8` makes of a file:
// what is left of its output when the metadata blocks are taken away.
func referenceFrames(tb testing.TB, tool, path string) int64 {
	out := filepath.Join(tb.TempDir(), "reference.flac")
	command := exec.Command(tool, "-s", "-8", "--no-padding", "--no-seektable", "-o", out, path)
	if text, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("%v: %s", err, text)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		tb.Fatal(err)
	}
	return int64(len(data) - metadataEnd(tb, data))
}

// metadataEnd returns the offset of the first frame of a FLAC file.
func metadataEnd(tb testing.TB, data []byte) int {
	if !bytes.HasPrefix(data, []byte("fLaC")) {
		tb.Fatal("not a FLAC file")
	}
	for at := 4; ; {
		head := binary.BigEndian.Uint32(data[at:])
		at += 4 + int(head&0xFFFFFF)
		if head>>31 == 1 {
			return at
		}
	}
}

func TestPublicSetMatchesReference(t *testing.T) {
	if testing.Short() {
		t.Skip("takes more than a minute with the race detector")
	}
	tool := referenceTool(t)
	ours, theirs := map[string]int64{}, map[string]int64{}
	var streams []string
	var report strings.Builder
	for _, r := range publicRecordings(t) {
		size, err := flac.Measure(r.samples, r.format.Bits, r.format.SampleRate, 0)
		if err != nil {
			t.Fatal(err)
		}
		stream := encode(t, r.format, r.samples, nil)
		streams = append(streams, stream)
		if info, err := os.Stat(stream); err != nil || info.Size() != flac.HeaderSize+size {
			t.Errorf("%s: the stream is not of the measured size of %d bytes and header (%v)", r.path, size, err)
		}
		reference := referenceFrames(t, tool, r.path)
		ours[r.class] += size
		theirs[r.class] += reference
		ratio := float64(size) / float64(reference)
		fmt.Fprintf(&report, "%-8s %-28s %8d %8d %.5f\n", r.class, filepath.Base(r.path), size, reference, ratio)
		if ratio < 0.98 || ratio > 1.02 {
			t.Errorf("%s: %d bytes of frames, but flac -8 makes %d", r.path, size, reference)
		}
	}
	for class := range ours {
		ratio := float64(ours[class]) / float64(theirs[class])
		fmt.Fprintf(&report, "%-8s total %31d %8d %.5f\n", class, ours[class], theirs[class], ratio)
		if ratio < 0.995 || ratio > 1.005 {
			t.Errorf("class %s: %d bytes of frames, but flac -8 makes %d", class, ours[class], theirs[class])
		}
	}
	checkWithTool(t, streams)
	t.Log("bytes of frames by Measure and flac -8\n" + report.String())
}

// referenceTool finds the flac program, or skips the test where it is missing.
func referenceTool(tb testing.TB) string {
	tool, err := exec.LookPath("flac")
	if err != nil {
		tb.Skip("the flac program is not on PATH")
	}
	return tool
}
