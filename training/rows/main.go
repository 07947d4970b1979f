// Command rows turns a folder tree of WAV and FLAC files into training rows: it runs the codec's own predictors and
// features over the sound and writes, for each sample kept, what the network is given and what came.
//
//	rows -o FOLDER -preset FILE [-samples N] [-rows N] [-span N] DATA
//	rows -o FOLDER -preset FILE -whole DATA
//	rows -estimate -preset FILE [-samples N] [-rows N] [-span N] DATA
//
// FILE is a description of the predictors (codec/FORMAT.md, "Description"); FOLDER/description.json gets it as model files have it.
// FOLDER/features.u8 has codec.Features bytes a row, FOLDER/targets.f32 2+codec.Disagreements little-endian
// float32 a row: the sample less the reference prediction and half a sample step, both in units of the row's scale,
// then the disagreements.
//
// Rows are chosen one by one, or, with -span, in spans of so many consecutive rows of one channel, which networks with a
// memory learn from. With -whole all rows of all files are kept, channel after channel, and no variants are made: what
// models are measured on. FOLDER/sequences.txt has a line for each run of rows of one file, in their order: how many they
// are, the number of the part (one of 256) that the file falls into by the hash of its name, so that the trainer can hold
// some out, and its name.
//
// With -estimate some of the files, spread over all of them, are gone through without writing anything, and a line of JSON says
// how much all of them will be: {"files", "rows", "seconds"}.
package main

import (
	"encoding/json"
	"flag"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"time"

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
	estimate := flag.Bool("estimate", false, "only say how much it would be")
	flag.Parse()
	if (*out == "") != *estimate || flag.NArg() != 1 || *preset == "" || *span < 1 {
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
	if *estimate {
		var e estimated
		if e, err = t.estimate(flag.Arg(0)); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(e)
		}
	} else {
		err = t.run(*out, flag.Arg(0))
	}
	if err != nil {
		log.Fatal("rows: ", err)
	}
}

// taker says what to take of each file.
type taker struct {
	description codec.Description
	samples     int // the most, from its beginning
	rows        int // the most, of them and of each variant half as many, and a fifth as many of beginnings
	span        int // consecutive rows that are kept or left out together
	whole       bool
}

// run writes the rows of all files below data.
func (t taker) run(out, data string) error {
	names, err := recordings(data)
	if err != nil {
		return err
	}
	w, err := newWriter(out)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "description.json"), t.description.Text(), 0o666); err != nil {
		return err
	}
	return w.close(t.each(data, names, w.write))
}

// estimated is what estimate says.
type estimated struct {
	Files   int     `json:"files"`
	Rows    int     `json:"rows"`
	Seconds float64 `json:"seconds"` // that making them takes on this machine
}

// estimate goes through some of the files below data and says how much all of them will be.
func (t taker) estimate(data string) (estimated, error) {
	const some = 48
	names, err := recordings(data)
	if err != nil {
		return estimated{}, err
	}
	var chosen []string
	for i := 0; i < len(names); i += max(1, len(names)/some) {
		chosen = append(chosen, names[i])
	}
	rows, start := 0, time.Now()
	err = t.each(data, chosen, func(b *block) error {
		for _, s := range b.sequences {
			rows += s.rows()
		}
		return nil
	})
	all := float64(len(names)) / float64(max(1, len(chosen)))
	return estimated{len(names), int(float64(rows) * all), time.Since(start).Seconds() * all}, err
}

// recordings returns the names below data of the files that can be read.
func recordings(data string) (names []string, err error) {
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !sound.IsAudio(path) {
			return err
		}
		name, err := filepath.Rel(data, path)
		names = append(names, name)
		return err
	})
	return names, err
}

// each calls use with the rows of each file in turn. They are made on all processors. A file that cannot be read is left out.
func (t taker) each(data string, names []string, use func(*block) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	results := make(chan chan *block, 2*runtime.NumCPU())
	used := make(chan error, 1)
	go func() {
		var failed error
		for result := range results {
			if b := <-result; b != nil && failed == nil {
				failed = use(b)
			}
		}
		used <- failed
	}()
	for _, name := range names {
		result := make(chan *block, 1)
		results <- result
		group.Go(func() error {
			b, err := t.rowsOf(filepath.Join(data, name), name)
			if err != nil {
				log.Printf("rows: %s is left out: %v", name, err)
			}
			result <- b
			return nil
		})
	}
	close(results)
	return <-used
}
