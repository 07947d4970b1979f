// Package content reads what is in archives where it lies: whole files or any
// range of their bytes. Of a recording, only the segments are decoded in which the
// range is. Several goroutines can read the same archive, and the same file.
//
// Open opens an archive, Files tells what is in it, and File opens one of these.
// Its Reader is an io.ReadSeeker that decodes ahead of what is read in turn. To make
// and verify archives, and to restore all of them, is for package job, from which
// comes the Codec, too: see package preset.
//
// What is returned is what was archived: every segment and every file that was kept
// whole has a checksum, and is compared with it before any of it is returned, but for
// File.Listen. A segment is decoded from its beginning to its end: the first byte that
// is read of one takes as long as all of it, mostly nine seconds of sound. An archive
// that is replaced, moved or deleted while it is open can still be read; one that is
// written to in its place cannot: then ErrChanged is returned, and never something of
// both.
package content

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
)

// ErrChanged says that an archive was written to since it was opened.
var ErrChanged = errors.New("the archive was changed since it was opened; open it again")

// ErrNoFile says that a folder, or a link that leads nowhere, was to be read.
var ErrNoFile = errors.New("it is not a file")

// Archive is an open archive. Its methods may be called by several goroutines,
// except for Close.
type Archive struct {
	archive    *archive.Archive
	recordings *job.Recordings
	cache      *Cache

	mu    sync.Mutex
	sound map[*archive.Entry]bool // files kept whole whose bytes have been checked
}

// Open opens the archive at path. What is decoded is kept in the cache. The error
// wraps archive.ErrNotArchive or archive.ErrVersion where that is the reason.
func Open(codec job.Codec, path string, cache *Cache) (*Archive, error) {
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		return nil, err
	}
	return &Archive{archive: a, recordings: codec.Recordings(a), cache: cache, sound: map[*archive.Entry]bool{}}, nil
}

// Close closes the archive, when all its readers have been closed.
func (a *Archive) Close() error {
	a.cache.wait()
	return a.archive.Close()
}

// Damage is what is damaged in the archive itself, see archive.Archive.
func (a *Archive) Damage() []error { return a.archive.Damage() }

// Files describes what is in the archive, in its order, but for what must not be
// used, which job.Engine.List tells.
func (a *Archive) Files() []archive.File {
	var files []archive.File
	for _, e := range a.archive.Entries() {
		if e.Err == nil {
			files = append(files, e.File)
		}
	}
	return files
}

// File opens a file. The error wraps job.ErrNotInArchive if there is none of that
// name, and ErrNoFile if it is a folder or a link.
func (a *Archive) File(ctx context.Context, name string) (*File, error) {
	f, err := a.open(ctx, name)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return f, err
}

func (a *Archive) open(ctx context.Context, name string) (*File, error) {
	e, err := job.Entry(a.archive, name)
	if err != nil {
		return nil, err
	}
	f := &File{File: e.File, archive: a, entry: e}
	switch e.Kind {
	case archive.KindRecording:
		f.decoder, err = a.recordings.Open(e)
	case archive.KindFile:
		err = f.check(ctx)
	default:
		err = ErrNoFile
	}
	if changed := a.unchanged(); changed != nil {
		err = changed // which is why, if there was another error
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// unchanged returns ErrChanged if something has written to the archive. What was
// read before it was called is what was there when the archive was opened.
func (a *Archive) unchanged() error {
	changed, err := a.archive.Changed()
	if err == nil && changed {
		err = ErrChanged
	}
	return err
}
