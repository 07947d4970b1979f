package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// writer writes blocks to the files.
type writer struct {
	files                        []*os.File
	features, targets, sequences *bufio.Writer
	total                        int // rows
}

func newWriter(folder string) (*writer, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	w := &writer{}
	for _, file := range []struct {
		name string
		to   **bufio.Writer
	}{{"features.u8", &w.features}, {"targets.f32", &w.targets}, {"sequences.txt", &w.sequences}} {
		f, err := os.Create(filepath.Join(folder, file.name))
		if err != nil {
			return nil, err
		}
		w.files = append(w.files, f)
		*file.to = bufio.NewWriterSize(f, 1<<20)
	}
	return w, nil
}

func (w *writer) write(b *block) error {
	for _, s := range b.sequences {
		w.total += s.rows()
		if _, err := fmt.Fprintf(w.sequences, "%d %d %s\n", s.rows(), b.part, b.name); err != nil {
			return err
		}
		if _, err := w.features.Write(s.features); err != nil {
			return err
		}
		var word [4]byte
		for _, t := range s.targets {
			binary.LittleEndian.PutUint32(word[:], math.Float32bits(t))
			if _, err := w.targets.Write(word[:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// close completes the files. It returns err, what went wrong before, or what goes wrong now.
func (w *writer) close(err error) error {
	for _, buffer := range []*bufio.Writer{w.features, w.targets, w.sequences} {
		err = errors.Join(err, buffer.Flush())
	}
	for _, f := range w.files {
		err = errors.Join(err, f.Close())
	}
	if err == nil {
		fmt.Printf("%d rows\n", w.total)
	}
	return err
}
