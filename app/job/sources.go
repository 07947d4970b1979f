package job

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"trilobyte/app/archive"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// References gives the samples of an archive's entries that other entries refer to. It
// keeps the segments that were decoded last.
type References struct {
	coder func(stream.ModelName) (stream.SegmentCoder, error)
	enter func()        // called by each goroutine that reads ahead; may be nil
	spare chan struct{} // has room for as many of them as there may be
	ahead sync.WaitGroup

	mu       sync.Mutex
	entries  map[*archive.Entry]*sourceEntry
	segments []*segment // the one that was asked for last comes last
	size     int64      // bytes of their samples
	most     int64      // that are kept
}

// sourceEntry is an entry that others refer to.
type sourceEntry struct {
	decoder *stream.Decoder
	err     error // why there is none
}

// segment is a decoded segment of an entry.
type segment struct {
	of      *stream.Decoder
	part    int
	size    int64         // bytes of its samples
	decoded chan struct{} // closed when the rest is set
	stored  [][]int32
	err     error
}

// NewReferences returns what gives the samples of an archive's entries that other entries
// of it refer to. Its methods may be called by several goroutines, as long as the
// archive is open. It keeps so many bytes of decoded samples. Of those that ask for samples, as
// many as atOnce at the same time, the ones that wait for the same segment as another read ahead
// meanwhile, until their context ends: see Wait.
func NewReferences(c Codec, a *archive.Archive, kept int64, atOnce int) *References {
	return &References{
		coder: c.coders(a), enter: c.Enter, spare: make(chan struct{}, max(atOnce-1, 0)),
		entries: map[*archive.Entry]*sourceEntry{}, most: kept,
	}
}

// Wait waits for all that is read ahead.
func (s *References) Wait() { s.ahead.Wait() }

// For returns the sources that an entry refers to.
func (s *References) For(e *archive.Entry) stream.Sources {
	if h := e.Holder(); h != nil {
		e = h
	}
	return sources{s, e}
}

// sources are those of an entry, which has its content itself.
type sources struct {
	*References
	of *archive.Entry
}

var errSourceGone = errors.New("the archive has lost the recording whose samples it has")

// Samples implements stream.Sources.
func (s sources) Samples(ctx context.Context, r stream.Reference, frames int, ready func([][]int32)) (recording.Kind, [][]int32, error) {
	source, blame := s.of, blameItself
	if r.Source != stream.Itself {
		source, blame = s.of.Source(r.Source, r.Sum), blameSource
	}
	if source == nil {
		return 0, nil, errSourceGone
	}
	e := s.open(source)
	kind, samples, err := recording.Kind(0), [][]int32(nil), e.err
	if err == nil {
		kind, samples, err = e.decoder.Stretch(r, frames, ready, func(i int, begun func([][]int32)) ([][]int32, error) {
			return s.segment(ctx, e.decoder, i, begun)
		})
	}
	if ctx.Err() != nil {
		return 0, nil, ctx.Err()
	}
	var losses stream.Losses
	if err != nil && !errors.As(err, &losses) {
		return 0, nil, blame(source, err)
	}
	for i := range losses {
		losses[i].Err = blame(source, losses[i].Err)
	}
	return kind, samples, err
}

func blameSource(source *archive.Entry, err error) error {
	return fmt.Errorf("its samples are those of %s: %w", source.Name, err)
}

func blameItself(_ *archive.Entry, err error) error {
	return fmt.Errorf("it repeats an earlier place: %w", err)
}

// open opens an entry, once.
func (s *References) open(entry *archive.Entry) *sourceEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[entry]
	if e == nil {
		e = &sourceEntry{}
		e.decoder, e.err = s.decoderOf(entry)
		s.entries[entry] = e
	}
	return e
}

// decoderOf makes the decoder of an entry.
func (s *References) decoderOf(e *archive.Entry) (*stream.Decoder, error) {
	if e.Err != nil {
		return nil, e.Err
	}
	d, err := openStream(e, s.coder, true) // damage elsewhere in it does not matter
	if err == nil {
		d.Refer(s.For(e))
	}
	return d, err
}

// What is kept, bytes of decoded samples, so that what comes again and again (a loop, versions of
// a take) is decoded once: by jobs some five minutes of CD audio, for players more than one. But
// at least the segments are kept that as many tasks as there are cores may need, of which each has
// up to two, neighbours of the next one's.
const (
	keptByJobs     = 112 << 20
	keptForPlayers = 32 << 20
)

func leastKept() int { return runtime.GOMAXPROCS(0) + 2 }

// segment returns the stored samples of a part. Several that ask for the same one wait
// for one of them to decode it, which gets its beginnings, too, unless begun is nil; if
// that one gives up, another one does.
func (s *References) segment(ctx context.Context, d *stream.Decoder, part int, begun func([][]int32)) ([][]int32, error) {
	for {
		found, mine := s.find(d, part)
		if mine {
			s.decode(ctx, found, begun)
			return found.stored, found.err
		}
		if !found.isDecoded() {
			s.readAhead(ctx, d, part+1)
		}
		select {
		case <-found.decoded:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if !errors.Is(found.err, context.Canceled) || ctx.Err() != nil {
			return found.stored, found.err
		}
	}
}

func (g *segment) isDecoded() bool {
	select {
	case <-g.decoded:
		return true
	default:
		return false
	}
}

// readAhead has a part decoded which will be asked for, if the two before it were, one
// after the other. Whoever waits for one of these leaves a core idle.
func (s *References) readAhead(ctx context.Context, d *stream.Decoder, part int) {
	if part >= d.Parts() || !d.Place(part).Audio() || !s.known(d, part-2) {
		return
	}
	select {
	case s.spare <- struct{}{}:
	default:
		return
	}
	found, mine := s.find(d, part)
	if !mine {
		<-s.spare
		return
	}
	s.ahead.Go(func() {
		defer func() { <-s.spare }()
		if s.enter != nil {
			s.enter()
		}
		s.decode(ctx, found, nil)
	})
}

// known reports whether a part is kept, or is being decoded, or lies before the audio.
func (s *References) known(d *stream.Decoder, part int) bool {
	if part < 0 || !d.Place(part).Audio() {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.segments, func(g *segment) bool { return g.of == d && g.part == part })
}

// decode decodes a segment. One that nobody waited for is not kept.
func (s *References) decode(ctx context.Context, g *segment, begun func([][]int32)) {
	defer close(g.decoded)
	var ready func(stream.Part)
	if begun != nil {
		ready = func(p stream.Part) { begun(p.Stored()) }
	}
	decoded, err := g.of.PartGradually(ctx, g.part, nil, ready)
	if err == nil {
		g.stored = decoded.Stored()
		return
	}
	g.err = err
	if ctx.Err() == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.segments, g); i >= 0 {
		s.drop(i)
	}
}

// find returns a segment that is kept, or one that the caller is to decode.
func (s *References) find(d *stream.Decoder, part int) (found *segment, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.segments, func(g *segment) bool { return g.of == d && g.part == part })
	if i >= 0 {
		found = s.segments[i]
		s.segments = slices.Delete(s.segments, i, i+1)
	} else {
		p := d.Place(part)
		size := p.Frames * int64(p.Format.Channels) * 4
		found, mine = &segment{of: d, part: part, size: size, decoded: make(chan struct{})}, true
		s.size += size
	}
	s.segments = append(s.segments, found)
	for s.size > s.most && len(s.segments) > leastKept() {
		s.drop(0)
	}
	return found, mine
}

// drop forgets a segment.
func (s *References) drop(i int) {
	s.size -= s.segments[i].size
	s.segments = slices.Delete(s.segments, i, i+1)
}
