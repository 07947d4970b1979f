package recipe_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
	"trilobyte/codec/recording/recordingtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// partLength makes several parts even of short recordings.
const partLength = 50_000

// A recording is a WAV file of the demo.
type recording struct {
	path    string
	format  flac.Format
	samples [][]int32
}

func recordings(tb testing.TB) []recording {
	tb.Helper()
	paths, err := filepath.Glob("../../../testdata/demo/*/*.wav")
	if err != nil || len(paths) == 0 {
		tb.Fatal("the demo's recordings are missing", err)
	}
	var list []recording
	for _, path := range paths {
		f, samples, err := recordingtest.Read(path)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, recording{
			path:    path,
			format:  flac.Format{Channels: f.Channels, Bits: f.ContainerBits(), SampleRate: f.SampleRate},
			samples: samples,
		})
	}
	return list
}

// encode makes a FLAC file with the product's own encoder.
func encode(tb testing.TB, format flac.Format, samples [][]int32) []byte {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "own.flac"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	e, err := flac.NewEncoder(f, format, []flac.Comment{{Name: "TITLE", Value: "Demo"}})
	if err != nil {
		tb.Fatal(err)
	}
	if err := errors.Join(e.Write(samples), e.Close()); err != nil {
		tb.Fatal(err)
	}
	data, err := os.ReadFile(f.Name())
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// analyse analyses a file that must come back.
func analyse(tb testing.TB, data []byte, length int) *recipe.File {
	tb.Helper()
	file, err := recipe.Analyse(context.Background(), bytes.NewReader(data), int64(len(data)), length, 2, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return file
}

// check rebuilds a file from its parts, the last one first. It returns its samples and
// the size of its recipes in bytes.
func check(tb testing.TB, data []byte, file *recipe.File, length int) (samples [][]int32, size int) {
	tb.Helper()
	samples = make([][]int32, file.Format.Channels)
	for c := range samples {
		samples[c] = make([]int32, file.Samples)
	}
	end, last := file.TailOffset, file.Samples
	for i, part := range slices.Backward(file.Parts) {
		raw := data[part.Offset : part.Offset+int64(part.Size)]
		decoded, err := recipe.Decode(file.Format, raw, part.Samples)
		if err != nil {
			tb.Fatal(err)
		}
		rebuilt, err := recipe.Rebuild([]byte("before"), file.Format, part.FirstSample, decoded, part.Recipe)
		if err != nil {
			tb.Fatal(err)
		}
		if string(rebuilt[:6]) != "before" || !bytes.Equal(rebuilt[6:], raw) {
			tb.Fatalf("part %d does not come back", i)
		}
		if part.Offset+int64(part.Size) != end || part.FirstSample+int64(part.Samples) != last ||
			len(decoded[0]) != part.Samples {
			tb.Fatalf("part %d, %+v, does not end at byte %d and sample %d", i, part, end, last)
		}
		if i < len(file.Parts)-1 && part.Samples < length {
			tb.Fatalf("part %d has %d samples, fewer than %d", i, part.Samples, length)
		}
		end, last = part.Offset, part.FirstSample
		for c := range samples {
			copy(samples[c][part.FirstSample:], decoded[c])
		}
		size += len(part.Recipe)
	}
	if end != file.HeadSize || last != 0 || file.Size != int64(len(data)) {
		tb.Fatalf("the first part begins at byte %d and sample %d", end, last)
	}
	return samples, size
}

func equal(a, b [][]int32) bool { return slices.EqualFunc(a, b, slices.Equal[[]int32]) }

func TestFilesOfTheOwnEncoderComeBack(t *testing.T) {
	for _, r := range recordings(t) {
		if testing.Short() && len(r.samples[0]) > 1<<17 {
			continue
		}
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			data := encode(t, r.format, r.samples)
			file := analyse(t, data, partLength)
			samples, size := check(t, data, file, partLength)
			if file.Format != r.format || !equal(samples, r.samples) {
				t.Error("the samples are not those of the recording")
			}
			if limit := len(data) * 7 / 1000; size > limit {
				t.Errorf("the recipes take %d bytes, more than %d", size, limit)
			}
		})
	}
}

// Every preset of the flac program, and its rarer options.
func TestFilesOfTheFLACProgramComeBack(t *testing.T) {
	if testing.Short() {
		t.Skip("another test has as many goroutines")
	}
	program, err := exec.LookPath("flac")
	if err != nil {
		t.Skip("the flac program is not installed")
	}
	options := []string{
		"-0", "-1", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-8 -e -p", "-8 --lax -l 32 -r 15 -b 32768", "-5 -b 1152",
		"-5 --lax -b 17", "-8 -q 5", "--no-padding --no-seektable", "-6 -A welch -A hann", "--padding=100000 -S 1s -T A=B",
	}
	for _, r := range recordings(t) {
		for _, option := range options {
			t.Run(filepath.Base(r.path)+option, func(t *testing.T) {
				out := filepath.Join(t.TempDir(), "x.flac")
				arguments := append(strings.Fields(option), "-s", "-o", out, r.path)
				if message, err := exec.Command(program, arguments...).CombinedOutput(); err != nil {
					t.Fatalf("flac: %v: %s", err, message)
				}
				data, err := os.ReadFile(out)
				if err != nil {
					t.Fatal(err)
				}
				samples, size := check(t, data, analyse(t, data, partLength), partLength)
				if !equal(samples, r.samples) {
					t.Error("the samples are not those of the recording")
				}
				if limit := len(data) * 7 / 1000; size > limit {
					t.Errorf("the recipes take %d bytes, more than %d", size, limit)
				}
			})
		}
	}
}

// The recipes of a file are part of archives: they must never change by
// accident nor differ between machines. The files hold the demo's conga.
func TestGolden(t *testing.T) {
	for _, name := range []string{"flac-1.4.2-8", "flac-1.3.3-8", "ffmpeg-5.1"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", name+".flac"))
			if err != nil {
				t.Fatal(err)
			}
			const length = 20_000
			file := analyse(t, data, length)
			if _, size := check(t, data, file, length); size > len(data)*3/1000 {
				t.Errorf("the recipes take %d bytes of %d", size, len(data))
			}
			var text strings.Builder
			for _, part := range file.Parts {
				fmt.Fprintln(&text, hex.EncodeToString(part.Recipe))
			}
			golden := filepath.Join("testdata", name+".recipes")
			if *update {
				if err := os.WriteFile(golden, []byte(text.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if text.String() != string(want) {
				t.Errorf("the recipes differ from %s:\n%s", golden, text.String())
			}
		})
	}
}

// Whatever the number of goroutines, the result is the same.
func TestAnalyseOnSeveralGoroutines(t *testing.T) {
	r := recordings(t)[0]
	data := encode(t, r.format, r.samples)
	one := analyse(t, data, 5000)
	all := []int{0, 1, 3, 16}
	if testing.Short() {
		all = []int{3}
	}
	for _, workers := range all {
		var through atomic.Int64
		file, err := recipe.Analyse(context.Background(), bytes.NewReader(data), int64(len(data)), 5000, workers,
			func(bytes int) { through.Add(int64(bytes)) })
		if err != nil || !reflect.DeepEqual(file, one) || through.Load() != file.TailOffset-file.HeadSize {
			t.Errorf("%d goroutines: another result, progress of %d bytes, error %v", workers, through.Load(), err)
		}
	}
}

func TestAnalyseEndsWithItsContext(t *testing.T) {
	r := recordings(t)[0]
	data := encode(t, r.format, r.samples)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := recipe.Analyse(ctx, bytes.NewReader(data), int64(len(data)), partLength, 2, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// A file that cannot be read is not a file that must be kept whole.
func TestErrorsOfTheReader(t *testing.T) {
	r := recordings(t)[0]
	data := encode(t, r.format, r.samples)
	broken := errors.New("broken disk")
	for _, from := range []int64{0, 10, 200, 5000, int64(len(data)) - 1} {
		r := brokenReader{bytes.NewReader(data), from, broken}
		_, err := recipe.Analyse(context.Background(), r, int64(len(data)), partLength, 2, nil)
		if !errors.Is(err, broken) {
			t.Errorf("broken from byte %d on: the error is %v", from, err)
		}
	}
	_, err := recipe.Analyse(context.Background(), bytes.NewReader(data[:len(data)/2]), int64(len(data)), partLength, 2, nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the file became shorter: the error is %v", err)
	}
}

// brokenReader fails where it would read beyond byte from.
type brokenReader struct {
	r    io.ReaderAt
	from int64
	err  error
}

func (b brokenReader) ReadAt(p []byte, offset int64) (int, error) {
	if offset+int64(len(p)) > b.from {
		return 0, b.err
	}
	return b.r.ReadAt(p, offset)
}
