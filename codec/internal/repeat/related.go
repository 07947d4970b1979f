package repeat

import (
	"cmp"
	"context"
	"math"
	"slices"

	"trilobyte/codec/internal/fourier"
)

// Relation says that a channel is like another one, so many frames later.
type Relation struct {
	Channel int
	Delay   int     // frames; negative if it is earlier
	Share   float64 // of the correlation, 0 to about 1
}

const (
	// Channels are compared at so many places, in windows of at most so many frames.
	places, longestWindow, leastWindow = 4, 8192, 256
	// mostCompared is with how many of the channels before it one is compared: with some that are just before it, and with the first ones.
	mostCompared, firstCompared = 16, 4
	// roomForSpectra bounds what all windows of all channels take, in frames.
	roomForSpectra = 1 << 20
	// likely is how far a correlation must stand out from those of noise, in units of their root mean square.
	likely = 4
)

// Related returns for each channel of samples[channel][frame] which of those before it are like it, the likest first. It fails only if
// the context ends.
func Related(ctx context.Context, samples [][]int32) ([][]Relation, error) {
	related := make([][]Relation, len(samples))
	size := longestWindow
	for size > leastWindow && (size*places > len(samples[0]) || size*places*len(samples) > roomForSpectra) {
		size /= 2
	}
	if size > len(samples[0]) {
		return related, nil
	}
	c := newComparer(samples, size)
	for i := range samples {
		for k := range i {
			if k >= firstCompared && k < i-(mostCompared-firstCompared) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if r := c.compare(k, i); r.Share > 0 {
				related[i] = append(related[i], r)
			}
		}
		slices.SortStableFunc(related[i], func(a, b Relation) int { return cmp.Compare(b.Share, a.Share) })
	}
	return related, nil
}

// comparer correlates channels with each other.
type comparer struct {
	transform *fourier.Transform
	size      int
	windows   [][]fourier.Spectrum // of each channel, at some places, white
	product   fourier.Spectrum
}

func newComparer(samples [][]int32, size int) *comparer {
	c := &comparer{transform: fourier.New(2 * size), size: size, product: fourier.NewSpectrum(2 * size)}
	count := min(places, len(samples[0])/size)
	for _, channel := range samples {
		var windows []fourier.Spectrum
		for i := range count {
			first := (2*i + 1) * (len(channel) - size) / (2 * count)
			w := newWhitener(size)
			for k, v := range channel[first:][:len(w.block(size))] {
				w.samples[order+k] = float64(v)
			}
			w.whiten()
			s := fourier.NewSpectrum(2 * size)
			copy(s.Re, w.residual)
			c.transform.Forward(s)
			windows = append(windows, s)
		}
		c.windows = append(c.windows, windows)
	}
	return c
}

// compare tells at which delay a channel is likest to one before it.
func (c *comparer) compare(before, channel int) Relation {
	clear(c.product.Re)
	clear(c.product.Im)
	for place, a := range c.windows[channel] {
		b := c.windows[before][place]
		for i, re := range a.Re {
			im := a.Im[i]
			c.product.Re[i] += float64(re*b.Re[i]) + float64(im*b.Im[i])
			c.product.Im[i] += float64(im*b.Re[i]) - float64(re*b.Im[i])
		}
	}
	c.transform.Inverse(c.product)
	r, n := Relation{Channel: before}, 2*c.size
	full := float64(n) * float64(c.size*len(c.windows[channel])) // the correlation of a white channel with itself
	for delay := -c.size / 2; delay <= c.size/2; delay++ {
		if share := math.Abs(c.product.Re[(delay+n)%n]) / full; share > r.Share {
			r.Share, r.Delay = share, delay
		}
	}
	if r.Share*math.Sqrt(float64(c.size*len(c.windows[channel]))) < likely {
		r.Share = 0
	}
	return r
}
