// Command ablation measures what each part of the codec is worth, on the WAV files of a folder whose sub-folders are
// classes, and writes the tables of docs/ablation.md to standard output.
//
//	ablation [-bytes FILE] DATA
//
// FILE is what bytes.py says of the same files: bits a sample of a byte-level model without predictors.
package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"trilobyte/codec/flac"
	"trilobyte/training/sound"
)

func main() {
	log.SetFlags(0)
	bytesFile := flag.String("bytes", "", "figures of the byte-level model")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*bytesFile, flag.Arg(0)); err != nil {
		log.Fatal("ablation: ", err)
	}
}

func run(bytesFile, data string) error {
	byteModels, err := readByteModels(bytesFile)
	if err != nil {
		return err
	}
	c, err := newCoders()
	if err != nil {
		return err
	}
	clips, err := findClips(data)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	for _, clip := range clips {
		group.Go(func() error {
			err := clip.measure(c)
			if err != nil {
				return fmt.Errorf("%s: %w", clip.path, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return write(os.Stdout, clips, byteModels)
}

// clip is a recording, as it is or with fewer bits.
type clip struct {
	path    string
	class   string
	bits    int
	rate    uint32
	samples [][]int32
	// isReduced says that it stands in the table of recordings with fewer bits.
	isReduced bool

	sizes [ways]float64 // in bits
}

// The ways to code that are compared.
const (
	flac8      = iota
	predictors // with an adaptive Laplace distribution
	withoutSSE // predictors and network
	whole      // and secondary symbol estimation: the codec
	withoutTones
	withoutRepeats
	ways
)

// count is the number of samples.
func (c *clip) count() float64 { return float64(len(c.samples) * len(c.samples[0])) }

// findClips reads all WAV files, and makes copies of those of 24 and 16 bits with fewer bits.
func findClips(data string) ([]*clip, error) {
	var clips []*clip
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".wav") {
			return err
		}
		c, err := read(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		clips = append(clips, c)
		for _, bits := range []int{24, 16, 8} {
			if c.bits > 8 && bits <= c.bits {
				clips = append(clips, c.reduced(bits))
			}
		}
		return nil
	})
	return clips, err
}

// all is more samples than any file has.
const all = 1 << 40

func read(path string) (*clip, error) {
	s, err := sound.Read(path, all)
	if err != nil {
		return nil, err
	}
	return &clip{path: path, class: filepath.Base(filepath.Dir(path)), bits: s.Bits, rate: s.Rate, samples: s.Samples}, nil
}

// reducedClass is the class of recordings of so many bits, cut to fewer. bytes.py calls it the same.
func reducedClass(bits, to int) string { return fmt.Sprintf("%d-bit recordings at %d bits", bits, to) }

// reduced cuts the samples to fewer bits: rounded and clipped, without dither.
func (c *clip) reduced(to int) *clip {
	r := &clip{path: c.path, class: reducedClass(c.bits, to), isReduced: true, bits: to, rate: c.rate}
	drop := c.bits - to
	most := int64(1)<<(to-1) - 1
	for _, channel := range c.samples {
		cut := make([]int32, len(channel))
		for i, v := range channel {
			cut[i] = int32(min(most, (int64(v)+int64(1)<<drop>>1)>>drop))
		}
		r.samples = append(r.samples, cut)
	}
	return r
}

func (c *clip) measure(with coders) error {
	size, err := flac.Measure(c.samples, c.bits, c.rate, 0)
	if err != nil {
		return err
	}
	c.sizes[flac8] = 8 * float64(size+flac.HeaderSize)
	c.sizes[predictors] = c.laplace(with.description)
	for way, coder := range with.ways {
		code, err := coder.Encode(context.Background(), c.samples, c.bits, nil)
		if err != nil {
			return err
		}
		c.sizes[way] = 8 * float64(len(code))
	}
	return nil
}
