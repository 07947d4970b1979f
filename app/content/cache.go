package content

import (
	"container/list"
	"context"
	"runtime"
	"slices"
	"sync"

	"trilobyte/app/archive"
)

// Cache keeps what was decoded last, for all that read the same archives. What
// several want at the same time is decoded once, and no longer than somebody
// waits for it.
type Cache struct {
	limit   int64
	running sync.WaitGroup

	mu       sync.Mutex
	free     int        // cores
	waiting  []*segment // for a core, in the order in which they were claimed
	segments map[place]*segment
	kept     list.List // of decoded *segment; the one that was used last comes last
	size     int64     // bytes of these
}

// place is where a segment is.
type place struct {
	entry *archive.Entry // that holds the content
	part  int
}

// segment is a part of a recording that is being decoded, or was.
type segment struct {
	place
	users   int // that have claimed and not released it
	wanted  int // of them, those that wait for it at this moment
	cancel  context.CancelFunc
	core    chan struct{} // closed when there is one for it
	early   []byte        // its beginning, which may be wrong
	grown   chan struct{} // closed when there is more of that
	element *list.Element // of kept, once it is decoded
	decoded chan struct{} // closed when the rest is set
	bytes   []byte
	err     error
}

// decoder decodes a segment. It calls early with its beginning, each time more of it,
// as far as it can.
type decoder func(ctx context.Context, early func([]byte)) ([]byte, error)

// DefaultCacheSize is a good size for a cache, in bytes: about a quarter of an
// hour of CD audio.
const DefaultCacheSize = 160 << 20

// NewCache returns a cache that keeps up to so many bytes. Beside these, there is as
// much in memory as is being decoded: a segment for each core.
func NewCache(size int64) *Cache {
	return &Cache{limit: size, free: runtime.GOMAXPROCS(0), segments: map[place]*segment{}}
}

// claim returns a segment, which decode decodes unless that is done already. It must
// be released.
func (c *Cache) claim(p place, decode decoder) *segment {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.segments[p]
	if s != nil {
		s.users++
		if s.element != nil {
			c.kept.MoveToBack(s.element)
		}
		return s
	}
	ctx, cancel := context.WithCancel(context.Background())
	s = &segment{
		place: p, users: 1, cancel: cancel, core: make(chan struct{}), grown: make(chan struct{}), decoded: make(chan struct{}),
	}
	if c.free > 0 {
		c.free--
		close(s.core)
	} else {
		c.waiting = append(c.waiting, s)
	}
	c.segments[p] = s
	c.running.Go(func() { c.run(ctx, s, decode) })
	return s
}

// run decodes a segment when there is a core for it.
func (c *Cache) run(ctx context.Context, s *segment, decode decoder) {
	defer s.cancel()
	defer close(s.decoded)
	select {
	case <-s.core:
		s.bytes, s.err = decode(ctx, func(b []byte) { c.grow(s, b) })
	case <-ctx.Done():
		s.err = ctx.Err()
	}
	c.leave(s)
	c.mu.Lock()
	defer c.mu.Unlock()
	s.early = nil
	if c.segments[s.place] != s { // it was released
		return
	}
	if s.err != nil {
		delete(c.segments, s.place) // the next one tries again
		return
	}
	s.element = c.kept.PushBack(s)
	c.size += int64(len(s.bytes))
	c.evict()
}

// grow tells of more of the beginning of a segment.
func (c *Cache) grow(s *segment, early []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.early = early
	close(s.grown)
	s.grown = make(chan struct{})
}

// leave gives the core of a segment, if it has one, to the next one: to what somebody
// waits for, before what may be needed later.
func (c *Cache) leave(s *segment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.waiting, s); i >= 0 {
		c.waiting = slices.Delete(c.waiting, i, i+1)
		return
	}
	if len(c.waiting) == 0 {
		c.free++
		return
	}
	next := max(0, slices.IndexFunc(c.waiting, func(s *segment) bool { return s.wanted > 0 }))
	close(c.waiting[next].core)
	c.waiting = slices.Delete(c.waiting, next, next+1)
}

// evict forgets what was used longest ago, until the rest fits.
func (c *Cache) evict() {
	for c.size > c.limit {
		s := c.kept.Remove(c.kept.Front()).(*segment)
		delete(c.segments, s.place)
		c.size -= int64(len(s.bytes))
	}
}

// get returns the bytes of a segment that was claimed, when they are there and right.
// With early, it returns the beginning as soon as that has more than so many.
func (c *Cache) get(ctx context.Context, s *segment, early bool, more int64) ([]byte, error) {
	c.want(s, 1)
	defer c.want(s, -1)
	for {
		c.mu.Lock()
		b, grown := s.early, s.grown
		c.mu.Unlock()
		select {
		case <-s.decoded:
			return s.bytes, s.err
		default:
		}
		if early && int64(len(b)) > more {
			return b, nil
		}
		select {
		case <-s.decoded:
		case <-grown:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// want counts those that wait for a segment.
func (c *Cache) want(s *segment, more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.wanted += more
}

// release says that a segment is no longer needed by one who claimed it.
func (c *Cache) release(s *segment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.users--
	if s.users == 0 && s.element == nil && c.segments[s.place] == s {
		s.cancel()
		delete(c.segments, s.place)
	}
}

// wait waits until nothing is being decoded any more.
func (c *Cache) wait() { c.running.Wait() }
