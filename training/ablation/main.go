// Command ablation measures what each part of the codec is worth, on the WAV files of a folder whose sub-folders are
// classes, and writes the tables of docs/ablation.md to standard output.
//
//	ablation [-bytes FILE] DATA
//
// FILE is what bytes.py says of the same files: bits a sample of a byte-level model without experts.
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

	"trilobyte/assets"
	"trilobyte/codec/flac"
	"trilobyte/codec/model"
	"trilobyte/codec/segment"
	"trilobyte/codec/wav"
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
	m, err := model.Load(assets.Default)
	if err != nil {
		return err
	}
	clips, err := findClips(data)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	for _, c := range clips {
		group.Go(func() error {
			err := c.measure(m)
			if err != nil {
				return fmt.Errorf("%s: %w", c.path, err)
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

	sizes [ways]float64 // in bits
}

// The ways to code that are compared.
const (
	flac8        = iota
	expertsAlone // with an adaptive Laplace distribution
	network      // experts and language model
	lastStage    // and the last stage
	whole        // and the alphabet
	ways
)

// count is the number of samples.
func (c *clip) count() float64 { return float64(len(c.samples) * len(c.samples[0])) }

// findClips reads all WAV files, and makes copies of those of 24 bits with 16 and 8 bits.
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
		if c.bits == 24 {
			clips = append(clips, c.reduced(24), c.reduced(16), c.reduced(8))
		}
		return nil
	})
	return clips, err
}

func read(path string) (*clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	w, err := wav.Parse(f, info.Size())
	if err != nil {
		return nil, err
	}
	raw := make([]byte, w.DataSize)
	if _, err := f.ReadAt(raw, w.DataOffset); err != nil {
		return nil, err
	}
	return &clip{
		path: path, class: filepath.Base(filepath.Dir(path)), bits: w.Format.ContainerBits, rate: w.Format.SampleRate,
		samples: w.Format.Samples(raw),
	}, nil
}

// reducedClass is the class of the clips that were made from 24 bits, with so many bits.
func reducedClass(bits int) string { return fmt.Sprintf("24 bits as %d", bits) }

// reduced drops the low bits.
func (c *clip) reduced(bits int) *clip {
	r := &clip{path: c.path, class: reducedClass(bits), bits: bits, rate: c.rate}
	for _, channel := range c.samples {
		cut := make([]int32, len(channel))
		for i, v := range channel {
			cut[i] = v >> (c.bits - bits)
		}
		r.samples = append(r.samples, cut)
	}
	return r
}

func (c *clip) measure(m *model.Model) error {
	size, err := flac.Measure(c.samples, c.bits, c.rate, 0)
	if err != nil {
		return err
	}
	c.sizes[flac8] = 8 * float64(size+flac.HeaderSize)
	c.sizes[expertsAlone], c.sizes[network] = c.withoutLastStage(m)
	c.sizes[lastStage] = c.withLastStage(m)
	code, err := segment.New(m).Encode(context.Background(), c.samples, c.bits)
	c.sizes[whole] = 8 * float64(len(code))
	return err
}
