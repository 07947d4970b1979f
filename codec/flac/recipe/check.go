package recipe

import (
	"bytes"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"trilobyte/codec/flac"
)

// A checker makes the recipes of parts and makes sure that they come back, on
// several goroutines.
type checker struct {
	format   flac.Format
	progress func(bytes int)
	group    errgroup.Group
	parts    []*content // in the order of the file
	failed   atomic.Bool
}

// check takes the next part. It waits as long as too many are in work.
func (c *checker) check(p *content) {
	c.parts = append(c.parts, p)
	c.group.Go(func() error {
		if p.err = p.describe(c.format); p.err != nil {
			c.failed.Store(true)
		}
		p.raw, p.samples = nil, nil
		if c.progress != nil {
			c.progress(p.Size)
		}
		return nil
	})
}

// end returns all parts when they are done, or the error of the first one that
// does not come back, whichever was found first, or else the given one.
func (c *checker) end(err error) ([]Part, error) {
	c.group.Wait() // has no errors: parts have
	var parts []Part
	for _, p := range c.parts {
		if p.err != nil {
			return nil, p.err
		}
		parts = append(parts, p.Part)
	}
	return parts, err
}

// describe makes the recipe of what is tried of the part. The error is a *Problem if it
// does not come back.
func (p *content) describe(format flac.Format) error {
	raw, samples := p.raw, make([][]int32, len(p.samples))
	for c := range samples {
		samples[c] = p.samples[c][:p.tried]
	}
	var err error
	if p.Recipe, err = encode(format, p.FirstSample, samples, raw); err != nil {
		return &Problem{p.Offset, err.Error()}
	}
	rebuilt, err := Rebuild(make([]byte, 0, len(raw)), format, p.FirstSample, samples, p.Recipe)
	if err != nil {
		return &Problem{p.Offset, err.Error()}
	}
	if !bytes.Equal(rebuilt, raw) {
		return &Problem{p.Offset + int64(commonPrefix(rebuilt, raw)), "the frame does not come back as it is"}
	}
	return nil
}

// commonPrefix returns how many bytes a and b begin with alike.
func commonPrefix(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
