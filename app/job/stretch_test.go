package job_test

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// TestStretchesAreWhatWasMeasured compresses a recording of integers and one of floats, which are silent, loud and too loud in turn: the
// stretches come to the whole, and their peaks are those of the samples.
func TestStretchesAreWhatWasMeasured(t *testing.T) {
	const frames, part = 240_000, 40_000
	level := func(frame int) float64 { return float64(frame/part%3) * 0.55 } // 0, 0.55, 1.1
	var integers, floats []byte
	for i := range frames {
		v := level(i) * (1 - 2*float64(i%2))
		integers = binary.LittleEndian.AppendUint16(integers, uint16(int16(min(max(v, -1), 0.9999)*32768)))
		floats = binary.LittleEndian.AppendUint32(floats, math.Float32bits(float32(v)))
	}
	for name, file := range map[string][]byte{
		"integers.wav": append(jobtest.WAVHeader(1, 8000, 16, 1, len(integers)), integers...),
		"floats.wav":   append(jobtest.WAVHeader(3, 8000, 32, 1, len(floats)), floats...),
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		var sum job.Stretch
		var last job.Measured
		peaks := map[float32]bool{}
		engine := job.Engine{Codec: jobtest.Codec("stretches"), Events: func(ev job.Event) {
			if m, ok := ev.(job.Measured); ok {
				last = m
				sum.Original += m.Stretch.Original
				sum.FLAC += m.Stretch.FLAC
				sum.Compressed += m.Stretch.Compressed
				for _, p := range m.Stretch.Peaks {
					peaks[float32(math.Round(float64(p)*100)/100)] = true
				}
			}
		}}
		if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{path}, Archive: filepath.Join(dir, "a.trilobyte")}); err != nil {
			t.Fatal(err)
		}
		if sum.Original != last.Original || sum.Compressed != last.Compressed || last.FLAC > 0 && sum.FLAC != last.FLAC || sum.Original == 0 {
			t.Errorf("%s: the stretches come to %+v, of %+v", name, sum, last)
		}
		if len(peaks) != 3 || !peaks[0] || !peaks[0.55] || !peaks[1] {
			t.Errorf("%s: the peaks are %v", name, peaks)
		}
	}
}
