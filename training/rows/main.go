// Command rows turns a folder tree of WAV and FLAC files into training rows: it runs the codec's own experts and
// features over the sound and writes, for each sample kept, what the language model is given and what came.
//
//	rows -o FOLDER [-features VERSION] [-samples N] [-rows N] DATA
//
// FOLDER/features.u8 has feature.Count bytes a row, FOLDER/targets.f32 2+feature.Disagreements little-endian
// float32 a row: the sample less the base prediction and half a sample step, both in units of the row's scale,
// then the disagreements. FOLDER/groups.u8 has one byte a row, the number of the part (one of 256) that its file
// falls into by the hash of its name: the trainer holds some out. FOLDER/version.txt has the version of the features.
package main

import (
	"bufio"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"trilobyte/codec/feature"
	"trilobyte/codec/segment"
	"trilobyte/training/sound"
)

func main() {
	log.SetFlags(0)
	out := flag.String("o", "", "folder to write to")
	samples := flag.Int("samples", 200_000, "most samples to take from one file")
	rows := flag.Int("rows", 24_000, "most rows to keep of one file")
	name := flag.String("features", "2", "version of the features")
	flag.Parse()
	version, known := feature.Versions[*name]
	if *out == "" || flag.NArg() != 1 || !known {
		flag.Usage()
		os.Exit(2)
	}
	t := taker{name: *name, version: version, samples: *samples, rows: *rows}
	if err := t.run(*out, flag.Arg(0)); err != nil {
		log.Fatal("rows: ", err)
	}
}

// taker says what to take of each file.
type taker struct {
	name    string // of the version
	version *feature.Version
	samples int // the most, from its beginning
	rows    int // the most, of them and of each variant half as many
}

func (t taker) run(out, data string) error {
	w, err := newWriter(out)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "version.txt"), []byte(t.name), 0o666); err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	results := make(chan chan *block, 2*runtime.NumCPU())
	written := make(chan error, 1)
	go func() { written <- w.writeAll(results) }()
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !sound.IsAudio(path) {
			return err
		}
		name, err := filepath.Rel(data, path)
		if err != nil {
			return err
		}
		result := make(chan *block, 1)
		results <- result
		group.Go(func() error {
			b, err := t.rowsOf(path, name)
			if err != nil {
				log.Printf("rows: %s is left out: %v", path, err)
			}
			result <- b
			return nil
		})
		return nil
	})
	close(results)
	if werr := <-written; err == nil {
		err = werr
	}
	return err
}

// block is the rows of one file.
type block struct {
	part     byte
	features []byte
	targets  []float32
}

func (t taker) rowsOf(path, name string) (*block, error) {
	s, err := sound.Read(path, t.samples)
	if err != nil {
		return nil, err
	}
	h := fnv.New64a()
	h.Write([]byte(filepath.ToSlash(name)))
	random := rand.New(rand.NewPCG(h.Sum64(), 0))
	b := &block{part: byte(h.Sum64() >> 32)}
	b.add(t.version, s, t.rows, random)
	for _, variant := range s.Variants(random) {
		b.add(t.version, variant, t.rows/2, random)
	}
	return b, nil
}

// add runs the experts over the sound and keeps about so many rows, chosen at random.
func (b *block) add(version *feature.Version, s *sound.Sound, rows int, random *rand.Rand) {
	total := len(s.Samples) * len(s.Samples[0])
	keep := min(1, float64(rows)/float64(total))
	for _, group := range segment.Plan(s.Samples) {
		segment.EachRow(version, group, func(_ int, row *feature.Row, sample int32) {
			if random.Float64() < keep {
				b.append(row, float64(sample))
			}
		})
	}
}

func (b *block) append(row *feature.Row, sample float64) {
	b.features = append(b.features, row.Features[:]...)
	b.targets = append(b.targets, float32((sample-row.Base)/row.Scale), float32(0.5/row.Scale))
	b.targets = append(b.targets, row.Disagreement[:]...)
}

// writer writes blocks to the three files.
type writer struct {
	files                     []*os.File
	features, targets, groups *bufio.Writer
}

func newWriter(folder string) (*writer, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	w := &writer{}
	for name, to := range map[string]**bufio.Writer{"features.u8": &w.features, "targets.f32": &w.targets, "groups.u8": &w.groups} {
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		w.files = append(w.files, f)
		*to = bufio.NewWriterSize(f, 1<<20)
	}
	return w, nil
}

func (w *writer) writeAll(results <-chan chan *block) error {
	total := 0
	var failed error
	for result := range results {
		b := <-result
		if b == nil || failed != nil {
			continue
		}
		failed = w.write(b)
		total += len(b.features) / feature.Count
	}
	for _, buffer := range []*bufio.Writer{w.features, w.targets, w.groups} {
		if err := buffer.Flush(); failed == nil {
			failed = err
		}
	}
	for _, f := range w.files {
		if err := f.Close(); failed == nil {
			failed = err
		}
	}
	fmt.Printf("%d rows\n", total)
	return failed
}

func (w *writer) write(b *block) error {
	if _, err := w.features.Write(b.features); err != nil {
		return err
	}
	for range len(b.features) / feature.Count {
		if err := w.groups.WriteByte(b.part); err != nil {
			return err
		}
	}
	var word [4]byte
	for _, t := range b.targets {
		binary.LittleEndian.PutUint32(word[:], math.Float32bits(t))
		if _, err := w.targets.Write(word[:]); err != nil {
			return err
		}
	}
	return nil
}
