// Package lines keeps a list of things in a file, a line of JSON each, over many runs
// of the program.
package lines

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"trilobyte/app/disk"
)

// Book is such a file. Its methods may be called from any goroutine. A nil Book keeps
// nothing.
type Book[T any] struct {
	mu   sync.Mutex
	file disk.File
	end  int64
}

// Open opens the book at path, or makes it, and returns what is in it, oldest first.
// Of more than most things it keeps the newest half. Lines that cannot be read, as the
// last one after a crash, are left out. With an error, which wraps disk.ErrLocked where
// another program has the book, there is none, but what could be read of it.
func Open[T any](d disk.FS, path string, most int) (things []T, b *Book[T], err error) {
	file, err := d.Edit(path, 0o600)
	if err != nil {
		return nil, nil, err
	}
	content, err := io.ReadAll(io.NewSectionReader(file, 0, 1<<32))
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	things = parse[T](content)
	if err := file.Lock(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return things, nil, errors.Join(err, file.Close())
	}
	b = &Book[T]{file: file, end: int64(len(content))}
	if len(things) > most {
		things = things[len(things)-most/2:]
		err = b.rewrite(things)
	} else if len(content) > 0 && content[len(content)-1] != '\n' {
		err = b.write([]byte("\n")) // ends the line that a crash has torn
	}
	if err != nil {
		return things, nil, errors.Join(err, file.Close())
	}
	return things, b, nil
}

// parse returns the things that can be read.
func parse[T any](content []byte) []T {
	var things []T
	for line := range bytes.Lines(content) {
		var thing T
		if json.Unmarshal(line, &thing) == nil {
			things = append(things, thing)
		}
	}
	return things
}

// rewrite has only the given things in the file.
func (b *Book[T]) rewrite(things []T) error {
	var content bytes.Buffer
	for _, thing := range things {
		line, err := json.Marshal(thing)
		if err != nil {
			return err
		}
		content.Write(append(line, '\n'))
	}
	b.end = 0
	if err := b.write(content.Bytes()); err != nil {
		return err
	}
	return b.file.Truncate(b.end)
}

func (b *Book[T]) write(content []byte) error {
	n, err := b.file.WriteAt(content, b.end)
	b.end += int64(n)
	return err
}

// Add adds a thing.
func (b *Book[T]) Add(thing T) error {
	if b == nil {
		return nil
	}
	line, err := json.Marshal(thing)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.write(append(line, '\n'))
}

// Sync waits until all that was added is on the disk.
func (b *Book[T]) Sync() error {
	if b == nil {
		return nil
	}
	return b.file.Sync()
}

// Close ends the work with the book.
func (b *Book[T]) Close() error {
	if b == nil {
		return nil
	}
	return b.file.Close()
}
