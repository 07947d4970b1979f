package job

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"trilobyte/app/archive"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// sources gives the samples of an archive's entries that other entries refer to. It
// keeps the segments that were decoded last.
type sources struct {
	archive *archive.Archive
	coder   func(stream.ModelName) (stream.SegmentCoder, error)

	mu       sync.Mutex
	entries  map[int64]*sourceEntry // by where they begin in the archive
	segments []*segment             // the one that was asked for last comes last
}

// sourceEntry is an entry that others refer to.
type sourceEntry struct {
	name    string
	decoder *stream.Decoder
	err     error // why there is none
}

// segment is a decoded segment of an entry.
type segment struct {
	of      *stream.Decoder
	part    int
	decoded chan struct{} // closed when the rest is set
	stored  [][]int32
	err     error
}

// NewSources returns what gives the samples of an archive's entries that other
// entries of it refer to. Its methods may be called by several goroutines, as long as
// the archive is open.
func NewSources(c Codec, a *archive.Archive) stream.Sources {
	return &sources{archive: a, coder: c.coders(a), entries: map[int64]*sourceEntry{}}
}

// Samples implements stream.Sources.
func (s *sources) Samples(ctx context.Context, source, first int64, frames int, channels []int) (recording.Kind, [][]int32, error) {
	e := s.entry(source)
	if e.err != nil {
		return 0, nil, e.err
	}
	kind, samples, err := e.decoder.Stretch(first, frames, channels, func(i int) ([][]int32, error) {
		return s.segment(ctx, e.decoder, i)
	})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("its samples are those of %s: %w", e.name, err)
	}
	return kind, samples, err
}

// entry opens the entry that begins at start, once.
func (s *sources) entry(start int64) *sourceEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[start]
	if e == nil {
		e = &sourceEntry{}
		if e.err = s.open(e, start); e.err != nil && e.name != "" {
			e.err = fmt.Errorf("its samples are those of %s: %w", e.name, e.err)
		}
		s.entries[start] = e
	}
	return e
}

func (s *sources) open(e *sourceEntry, start int64) error {
	entry := s.archive.At(start)
	if entry == nil || entry.Kind != archive.KindRecording || entry.Holder() != nil {
		return fmt.Errorf("its samples are those of a recording that should begin at byte %d of the archive, and is not there", start)
	}
	e.name = entry.Name
	if entry.Err != nil {
		return entry.Err
	}
	compressed, err := entry.Compressed()
	if err != nil {
		return err
	}
	// Damage elsewhere in it does not matter.
	e.decoder, err = stream.Salvage(compressed, compressed.Size(), s.coder)
	return err
}

// keep is how many segments are kept: those that as many tasks as there are cores
// may need, of which each has up to two, neighbours of the next one's.
func keep() int { return runtime.GOMAXPROCS(0) + 2 }

// segment returns the stored samples of a part. Several that ask for the same one wait
// for one of them to decode it.
func (s *sources) segment(ctx context.Context, d *stream.Decoder, part int) ([][]int32, error) {
	found, mine := s.find(d, part)
	if !mine {
		select {
		case <-found.decoded:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return found.stored, found.err
	}
	defer close(found.decoded)
	decoded, err := d.Part(ctx, part, nil)
	if err != nil {
		found.err = err
		return nil, err
	}
	found.stored = decoded.Stored()
	return found.stored, nil
}

// find returns a segment that is kept, or one that the caller is to decode.
func (s *sources) find(d *stream.Decoder, part int) (found *segment, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.segments, func(g *segment) bool { return g.of == d && g.part == part })
	if i >= 0 {
		found = s.segments[i]
		s.segments = slices.Delete(s.segments, i, i+1)
	} else {
		found, mine = &segment{of: d, part: part, decoded: make(chan struct{})}, true
	}
	s.segments = append(s.segments, found)
	if len(s.segments) > keep() {
		s.segments = slices.Delete(s.segments, 0, 1)
	}
	return found, mine
}
