package content

import (
	"container/list"
	"context"
	"runtime"
	"sync"

	"trilobyte/app/archive"
)

// Cache keeps what was decoded last, for all that read the same archives. What
// several want at the same time is decoded once, and no longer than somebody
// waits for it.
type Cache struct {
	limit   int64
	cores   chan struct{} // one for each segment in work
	running sync.WaitGroup

	mu       sync.Mutex
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
	cancel  context.CancelFunc
	element *list.Element // of kept, once it is decoded
	decoded chan struct{} // closed when the rest is set
	bytes   []byte
	err     error
}

// DefaultCacheSize is a good size for a cache, in bytes: about a quarter of an
// hour of CD audio.
const DefaultCacheSize = 160 << 20

// NewCache returns a cache that keeps up to so many bytes. Beside these, there is as
// much in memory as is being decoded: a segment for each core.
func NewCache(size int64) *Cache {
	return &Cache{limit: size, cores: make(chan struct{}, runtime.GOMAXPROCS(0)), segments: map[place]*segment{}}
}

// claim returns a segment, which decode decodes unless that is done already. It must
// be released.
func (c *Cache) claim(p place, decode func(context.Context) ([]byte, error)) *segment {
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
	s = &segment{place: p, users: 1, cancel: cancel, decoded: make(chan struct{})}
	c.segments[p] = s
	c.running.Go(func() { c.run(ctx, s, decode) })
	return s
}

// run decodes a segment when there is a core for it.
func (c *Cache) run(ctx context.Context, s *segment, decode func(context.Context) ([]byte, error)) {
	defer s.cancel()
	defer close(s.decoded)
	select {
	case c.cores <- struct{}{}:
	case <-ctx.Done():
		s.err = ctx.Err()
		return
	}
	s.bytes, s.err = decode(ctx)
	<-c.cores
	c.mu.Lock()
	defer c.mu.Unlock()
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

// evict forgets what was used longest ago, until the rest fits.
func (c *Cache) evict() {
	for c.size > c.limit {
		s := c.kept.Remove(c.kept.Front()).(*segment)
		delete(c.segments, s.place)
		c.size -= int64(len(s.bytes))
	}
}

// wait returns the bytes of a segment that was claimed.
func (s *segment) wait(ctx context.Context) ([]byte, error) {
	select {
	case <-s.decoded:
		return s.bytes, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
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
