// Package bench measures how small and how fast coders are, on files that the
// user chooses: Trilobyte, FLAC at its level 8, and other programs that are
// installed.
//
// Every coder compresses each recording, decompresses the result and is believed
// only if the audio that comes back is the same. All work on one processor core
// and on temporary files, one after the other, so that figures of one run can be
// compared with each other. How size, speed and memory are counted is said
// beside the fields of Figures.
package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"trilobyte/app/disk"
)

// Coder is something that is measured.
type Coder interface {
	Name() string   // short, for tables: "FLAC -8"
	MadeBy() string // exactly what it is: program, version, options
	// Measure codes a file, decodes it again and compares. It may write to dir,
	// an empty folder. The error wraps ErrCannot if the coder is not made for
	// such audio.
	Measure(ctx context.Context, f *File, dir string) (Measurement, error)
}

// ErrCannot says that a coder is not made for a file.
var ErrCannot = errors.New("it cannot hold this audio")

// errDiffers says that a coder is not lossless.
var errDiffers = errors.New("what it decodes to is not what was encoded")

// Measurement is what a coder makes of a file.
type Measurement struct {
	Bytes  int64   // of the compressed file
	Encode float64 // seconds
	Decode float64 // seconds; 0 if not measured
	Memory int64   // bytes; 0 if not measured
}

// Figures are what a coder makes of one file, or of several together.
type Figures struct {
	Files   int   `json:"files"`
	Raw     int64 `json:"raw"`     // bytes of the files
	Samples int64 `json:"samples"` // over all channels
	// Bytes are those of the compressed files, with all their metadata: of other
	// programs, their files without padding and seek tables; of Trilobyte, the
	// entry of an archive, in which all of the original file is.
	Bytes int64 `json:"bytes"`
	// FLAC is what FLAC needs for these files at its level 8: codec/flac's
	// frames and 42 bytes of header, the least that a FLAC file can have. What is a
	// FLAC file counts with the bytes that it has. FLAC is 0 for files that it cannot
	// hold; Compared is Bytes without these.
	FLAC     int64 `json:"flac"`
	Compared int64 `json:"compared"`
	// Audio is how long the audio lasts, Encode how long encoding it took on one
	// core, including reading and writing files and, with other programs,
	// starting them. Decode is the same for decoding, of Decoded. In seconds.
	Audio   float64 `json:"audio_seconds"`
	Encode  float64 `json:"encode_seconds"`
	Decoded float64 `json:"decoded_audio_seconds"`
	Decode  float64 `json:"decode_seconds"`
	// Memory is the most that was needed for a file, in bytes: with what is part
	// of this program, by how much its heap grew; with other programs, the peak
	// of their resident memory. It is 0 where that cannot be known.
	Memory int64 `json:"memory"`
}

// BitsPerSample is how many bits a sample takes.
func (f Figures) BitsPerSample() float64 { return 8 * quotient(float64(f.Bytes), float64(f.Samples)) }

// Ratio is the size compared with FLAC's (less is better), or 0 if FLAC holds
// none of the files.
func (f Figures) Ratio() float64 { return quotient(float64(f.Compared), float64(f.FLAC)) }

// EncodeSpeed is how many seconds of audio are encoded in a second.
func (f Figures) EncodeSpeed() float64 { return quotient(f.Audio, f.Encode) }

// DecodeSpeed is how many seconds of audio are decoded in a second, or 0 if that
// was not measured.
func (f Figures) DecodeSpeed() float64 { return quotient(f.Decoded, f.Decode) }

// quotient is 0 where there is nothing to divide by.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Result is what a coder has made of a file.
type Result struct {
	File  *File
	Coder string
	Figures
	Err error // why there are no figures
}

// Run measures each coder with each file and calls report with each result, but
// only with the first one of a file that cannot be read at all. The
// first coder is what the others are compared with. All is done on one core:
// while Run runs, the program has no other. The errors of coders are part of the
// results; that of Run is the context's, or that of making temporary files.
func Run(ctx context.Context, files []*File, coders []Coder, report func(Result)) (results []Result, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	temp, err := os.MkdirTemp("", "trilobyte-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, disk.RemoveAll(temp)) }()
	for _, f := range files {
		of, err := runFile(ctx, f, coders, temp, report)
		if results = append(results, of...); err != nil {
			return results, err
		}
	}
	return results, nil
}

// runFile measures each coder with a file.
func runFile(ctx context.Context, f *File, coders []Coder, temp string, report func(Result)) (results []Result, err error) {
	var flac int64
	var unreadable error
	if f.FLAC {
		var dir string
		if dir, err = os.MkdirTemp(temp, ""); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, disk.RemoveAll(dir)) }()
		flac, unreadable = f.Size, f.unpack(ctx, dir)
	}
	for i, c := range coders {
		m, err := Measurement{}, unreadable
		if err == nil {
			m, err = measure(ctx, f, c, temp)
		}
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
		if i == 0 && !f.FLAC {
			flac = m.Bytes
		}
		r := newResult(f, c, m, flac, err)
		if unreadable != nil {
			r.Err = unreadable // which is no coder's fault
		}
		results = append(results, r)
		if i == 0 || unreadable == nil {
			report(r)
		}
	}
	return results, nil
}

// measure runs a coder in a folder of its own.
func measure(ctx context.Context, f *File, c Coder, temp string) (m Measurement, err error) {
	dir, err := os.MkdirTemp(temp, "")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, disk.RemoveAll(dir)) }()
	return c.Measure(ctx, f, dir)
}

func newResult(f *File, c Coder, m Measurement, flac int64, err error) Result {
	r := Result{File: f, Coder: c.Name()}
	if err != nil {
		r.Err = fmt.Errorf("%s: %w", c.Name(), err)
		return r
	}
	r.Figures = Figures{
		Files: 1, Raw: f.Size, Samples: f.Frames() * int64(f.Format.Channels),
		Bytes: m.Bytes, FLAC: flac, Audio: f.Seconds(), Encode: m.Encode, Decode: m.Decode, Memory: m.Memory,
	}
	if flac > 0 {
		r.Compared = m.Bytes
	}
	if m.Decode > 0 {
		r.Decoded = f.Seconds()
	}
	return r
}

// Total is what a coder makes of all files of a class.
type Total struct {
	Class string // "" for all files
	Coder string
	Figures
	Of int // how many files the class has; Files is how many of them the coder can hold
}

// Totals adds results up: for each class, in the order of the files, and for all
// files, a total for each coder, in their order.
func Totals(results []Result) []Total {
	var classes []string
	byClass := map[string][]Result{}
	for _, r := range results {
		if byClass[r.File.Class] == nil {
			classes = append(classes, r.File.Class)
		}
		byClass[r.File.Class] = append(byClass[r.File.Class], r)
	}
	var totals []Total
	for _, class := range classes {
		totals = append(totals, add(class, byClass[class])...)
	}
	return append(totals, add("", results)...)
}

// add adds the results of each coder up.
func add(class string, results []Result) []Total {
	var totals []Total
	index := map[string]int{}
	for _, r := range results {
		i, ok := index[r.Coder]
		if !ok {
			i = len(totals)
			index[r.Coder] = i
			totals = append(totals, Total{Class: class, Coder: r.Coder})
		}
		totals[i].Of++
		totals[i].Figures.Add(r.Figures)
	}
	return totals
}

// Add adds the figures of other files.
func (f *Figures) Add(other Figures) {
	f.Files += other.Files
	f.Raw += other.Raw
	f.Samples += other.Samples
	f.Bytes += other.Bytes
	f.FLAC += other.FLAC
	f.Compared += other.Compared
	f.Audio += other.Audio
	f.Encode += other.Encode
	f.Decoded += other.Decoded
	f.Decode += other.Decode
	f.Memory = max(f.Memory, other.Memory)
}
