// Command rows turns a folder tree of WAV and FLAC files into training rows: it runs the codec's own predictors and
// features over the sound and writes, for each sample kept, what the network is given and what came.
//
//	rows -o FOLDER -preset FILE [-samples N] [-rows N] [-span N] DATA
//	rows -o FOLDER -preset FILE -whole DATA
//
// FILE is a description of the predictors (codec/FORMAT.md, "Description"); FOLDER/description.json gets it as model files have it.
// FOLDER/features.u8 has codec.Features bytes a row, FOLDER/targets.f32 2+codec.Disagreements little-endian
// float32 a row: the sample less the base prediction and half a sample step, both in units of the row's scale,
// then the disagreements. FOLDER/groups.u8 has one byte a row, the number of the part (one of 256) that its file
// falls into by the hash of its name: the trainer holds some out.
//
// Rows are chosen one by one, or, with -span, in spans of so many consecutive rows of one channel, which recurrent
// networks learn from. With -whole all rows of all files are kept, channel after channel, and no variants are made: what
// models are measured on. FOLDER/sequences.txt has a line for each run of consecutive rows, in the order of the rows:
// how many they are and the name of their file.
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

	"trilobyte/codec"
	"trilobyte/training/sound"
)

func main() {
	log.SetFlags(0)
	out := flag.String("o", "", "folder to write to")
	samples := flag.Int("samples", 200_000, "most samples to take from one file")
	rows := flag.Int("rows", 24_000, "most rows to keep of one file")
	preset := flag.String("preset", "", "description of the predictors")
	span := flag.Int("span", 1, "consecutive rows to keep at a time")
	whole := flag.Bool("whole", false, "keep all rows of whole files, and make no variants")
	flag.Parse()
	if *out == "" || flag.NArg() != 1 || *preset == "" || *span < 1 {
		flag.Usage()
		os.Exit(2)
	}
	text, err := os.ReadFile(*preset)
	if err != nil {
		log.Fatal("rows: ", err)
	}
	description, err := codec.ParseDescription(text)
	if err != nil {
		log.Fatalf("rows: %s: %v", *preset, err)
	}
	t := taker{description: description, samples: *samples, rows: *rows, span: *span, whole: *whole}
	if t.whole {
		t.samples = 1 << 40 // more than any file has
	}
	if err := t.run(*out, flag.Arg(0)); err != nil {
		log.Fatal("rows: ", err)
	}
}

// taker says what to take of each file.
type taker struct {
	description codec.Description
	samples     int // the most, from its beginning
	rows        int // the most, of them and of each variant half as many
	span        int // consecutive rows that are kept or left out together
	whole       bool
}

func (t taker) run(out, data string) error {
	w, err := newWriter(out)
	if err != nil {
		return err
	}
	w.single = t.span == 1 && !t.whole
	if err := os.WriteFile(filepath.Join(out, "description.json"), t.description.Text(), 0o666); err != nil {
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
	name      string
	part      byte
	sequences []*sequence
}

// sequence is some rows of one channel in their order: consecutive ones, unless they were chosen one by one.
type sequence struct {
	features []byte
	targets  []float32
}

func (t taker) rowsOf(path, name string) (*block, error) {
	s, err := sound.Read(path, t.samples)
	if err != nil {
		return nil, err
	}
	name = filepath.ToSlash(name)
	h := fnv.New64a()
	h.Write([]byte(name))
	random := rand.New(rand.NewPCG(h.Sum64(), 0))
	b := &block{name: name, part: byte(h.Sum64() >> 32)}
	switch {
	case t.whole:
		b.addAll(t.description, s)
	case t.span > 1:
		b.addSpans(t.description, s, t.rows, t.span, random)
		for _, variant := range s.Variants(random) {
			b.addSpans(t.description, variant, t.rows/2, t.span, random)
		}
	default:
		b.addSome(t.description, s, t.rows, random)
		for _, variant := range s.Variants(random) {
			b.addSome(t.description, variant, t.rows/2, random)
		}
	}
	return b, nil
}

// share is the part of the sound's samples that so many rows are.
func share(s *sound.Sound, rows int) float64 {
	return min(1, float64(rows)/float64(len(s.Samples)*len(s.Samples[0])))
}

// addSome runs the predictors over the sound and keeps about so many rows, each chosen at random.
func (b *block) addSome(d codec.Description, s *sound.Sound, rows int, random *rand.Rand) {
	keep := share(s, rows)
	kept := &sequence{}
	codec.EachRow(d, s.Samples, func(row codec.Row) {
		if random.Float64() < keep {
			kept.append(row)
		}
	})
	b.sequences = append(b.sequences, kept)
}

// addSpans runs the predictors over the sound and keeps about so many rows, in spans chosen at random.
func (b *block) addSpans(d codec.Description, s *sound.Sound, rows, span int, random *rand.Rand) {
	keep := share(s, rows)
	seen, open := make([]int, len(s.Samples)), make([]*sequence, len(s.Samples))
	codec.EachRow(d, s.Samples, func(row codec.Row) {
		c := row.Channel
		if seen[c]%span == 0 {
			open[c] = nil
			if whole := seen[c]+span <= len(s.Samples[c]); whole && random.Float64() < keep {
				open[c] = &sequence{}
				b.sequences = append(b.sequences, open[c])
			}
		}
		if open[c] != nil {
			open[c].append(row)
		}
		seen[c]++
	})
}

// addAll runs the predictors over the sound and keeps all rows.
func (b *block) addAll(d codec.Description, s *sound.Sound) {
	channels := make([]*sequence, len(s.Samples))
	codec.EachRow(d, s.Samples, func(row codec.Row) {
		if channels[row.Channel] == nil {
			channels[row.Channel] = &sequence{}
			b.sequences = append(b.sequences, channels[row.Channel])
		}
		channels[row.Channel].append(row)
	})
}

func (s *sequence) append(row codec.Row) {
	s.features = append(s.features, row.Features...)
	s.targets = append(s.targets, float32(row.Error), float32(row.Half))
	s.targets = append(s.targets, row.Disagreement...)
}

func (s *sequence) rows() int { return len(s.features) / codec.Features }

// writer writes blocks to the files.
type writer struct {
	files                                []*os.File
	features, targets, groups, sequences *bufio.Writer
	single                               bool // rows were chosen one by one: there are no sequences
	total                                int  // rows
}

func newWriter(folder string) (*writer, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	w := &writer{}
	for _, file := range []struct {
		name string
		to   **bufio.Writer
	}{{"features.u8", &w.features}, {"targets.f32", &w.targets}, {"groups.u8", &w.groups}, {"sequences.txt", &w.sequences}} {
		f, err := os.Create(filepath.Join(folder, file.name))
		if err != nil {
			return nil, err
		}
		w.files = append(w.files, f)
		*file.to = bufio.NewWriterSize(f, 1<<20)
	}
	return w, nil
}

func (w *writer) writeAll(results <-chan chan *block) error {
	var failed error
	for result := range results {
		b := <-result
		if b == nil || failed != nil {
			continue
		}
		for _, s := range b.sequences {
			if err := w.write(b, s); failed == nil {
				failed = err
			}
		}
	}
	for _, buffer := range []*bufio.Writer{w.features, w.targets, w.groups, w.sequences} {
		if err := buffer.Flush(); failed == nil {
			failed = err
		}
	}
	for _, f := range w.files {
		if err := f.Close(); failed == nil {
			failed = err
		}
	}
	fmt.Printf("%d rows\n", w.total)
	return failed
}

func (w *writer) write(b *block, s *sequence) error {
	w.total += s.rows()
	if !w.single {
		if _, err := fmt.Fprintf(w.sequences, "%d %s\n", s.rows(), b.name); err != nil {
			return err
		}
	}
	if _, err := w.features.Write(s.features); err != nil {
		return err
	}
	for range s.rows() {
		if err := w.groups.WriteByte(b.part); err != nil {
			return err
		}
	}
	var word [4]byte
	for _, t := range s.targets {
		binary.LittleEndian.PutUint32(word[:], math.Float32bits(t))
		if _, err := w.targets.Write(word[:]); err != nil {
			return err
		}
	}
	return nil
}
