package repeat

import (
	"cmp"
	"slices"

	"trilobyte/codec/internal/predictor"
)

const (
	// common is how many of the lags that were found most often are tried for every stretch.
	common = 24
	// Of the lags that are tried for a stretch, so many that correlate best are tested roughly, and so many of these well.
	rough, well = 12, 3
	// least is what a lag has to save, in bits a stretch and channel.
	least = 32
	// loyalty is what another lag than that of the stretch before has to save more, in bits a stretch and channel: the predictors have to
	// learn after each change.
	loyalty = 300
)

// choice chooses a lag for each stretch.
type choice struct {
	samples [][]int32
	white   [][]float32 // the channels, white
	bits    float64     // about how many the recording takes as it is
	lags    [][]int     // what was found for each part
	part    int         // frames of a part
	common  []int       // the lags that were found most often
	last    int         // the lag of the stretch before, 0 at first

	roughly, roughlyAround, best, bestAround probe
}

func newChoice(samples [][]int32) *choice {
	c := &choice{
		samples: samples,
		roughly: newProbe(8, 0, 12), roughlyAround: newProbe(8, 8, 12),
		best: newProbe(16, 0, 4), bestAround: newProbe(16, 16, 4),
	}
	for _, channel := range samples {
		white := make([]float32, len(channel))
		w := newWhitener(stretch)
		for start := 0; start < len(channel); start += stretch {
			part := channel[start:min(start+stretch, len(channel))]
			block := w.block(len(part))
			for i, v := range part {
				block[i] = float64(v)
			}
			power := w.whiten()
			c.bits += predictor.Bits(power, len(part))
			for i, v := range w.residual {
				white[start+i] = float32(v)
			}
		}
		c.white = append(c.white, white)
	}
	return c
}

// refine takes what a search found, and finds the lags to the frame.
func (c *choice) refine(f *found) {
	c.part, c.lags = f.size, make([][]int, len(f.lags))
	for part, peaks := range f.lags {
		start := part * f.size
		end := min(start+f.size, len(c.samples[0]))
		for _, p := range peaks {
			best, lag := 0.0, 0
			for l := max(p.lag-6, leastLag); l <= p.lag+6; l++ {
				if v := c.correlation(start, end, l); v > best {
					best, lag = v, l
				}
			}
			if lag > 0 && !slices.Contains(c.lags[part], lag) {
				c.lags[part] = append(c.lags[part], lag)
			}
		}
	}
	c.common = mostCommon(append(slices.Concat(c.lags...), c.common...))
}

// mostCommon returns the lags that occur most often, the shorter ones first where they occur as often.
func mostCommon(lags []int) []int {
	slices.Sort(lags)
	times := map[int]int{}
	for _, lag := range lags {
		times[lag]++
	}
	lags = slices.Compact(lags)
	slices.SortStableFunc(lags, func(a, b int) int { return times[b] - times[a] })
	return lags[:min(len(lags), common)]
}

// correlation returns the sum over the channels of the squared correlations of the frames from start to end with those that many
// frames before; 0 if the recording begins later. White channels are equally loud everywhere, so such sums can be compared.
func (c *choice) correlation(start, end, lag int) (sum float64) {
	if lag > start {
		return 0
	}
	for _, white := range c.white {
		product := dot(white[start:end], white[start-lag:end-lag])
		sum += float64(product * product)
	}
	return sum
}

// estimate returns about how many bits the lags that were found for each part save there.
func (c *choice) estimate() (saved float64) {
	for start := 0; start < len(c.samples[0]); start += stretch {
		lags := c.lags[start/c.part]
		if len(lags) == 0 {
			continue
		}
		end := min(start+stretch, len(c.samples[0]))
		_, bits := c.compare(&c.roughly, &c.roughlyAround, start, end, lags)
		saved += bits
	}
	return saved
}

// compare returns which of the lags saves most of the frames from start to end, as two probes say, and how many bits; 0 if none does.
func (c *choice) compare(without, with *probe, start, end int, lags []int) (lag int, saved float64) {
	bits := without.bits(c.samples, start, end, 0)
	for _, l := range lags {
		if l > start {
			continue
		}
		if v := bits - with.bits(c.samples, start, end, l); v > saved {
			lag, saved = l, v
		}
	}
	return lag, saved
}

// choose returns the lag of a stretch, 0 for none, and about how many bits it saves. Stretches come one after the other.
func (c *choice) choose(number int) (lag int, saved float64) {
	start := number * stretch
	end := min(start+stretch, len(c.samples[0]))
	channels := float64(len(c.samples))
	lags := c.candidates(start)
	lags = top(lags, rough, func(lag int) float64 { return c.correlation(start, end, lag) })
	if len(lags) == 0 {
		return 0, 0
	}
	lags = top(lags, well, func(lag int) float64 { return -c.roughlyAround.bits(c.samples, start, end, lag) })
	lag, saved = c.compare(&c.best, &c.bestAround, start, end, lags)
	if last := c.last; last > 0 && last <= start && last != lag {
		if _, v := c.compare(&c.best, &c.bestAround, start, end, []int{last}); v > saved-float64(loyalty*channels) {
			lag, saved = last, v
		}
	}
	if saved < least*channels {
		return 0, 0
	}
	c.last = lag
	return lag, saved
}

// candidates returns the lags that are tried for the stretch that begins at a frame: what was found near it, and often.
func (c *choice) candidates(start int) []int {
	part := start / c.part
	list := slices.Concat(c.lags[max(part-1, 0):min(part+2, len(c.lags))]...)
	list = append(list, c.common...)
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(lag int) bool { return lag > start })
}

// top returns the n lags of the greatest value, the greatest first.
func top(lags []int, n int, value func(lag int) float64) []int {
	if len(lags) <= n {
		return lags
	}
	type valued struct {
		lag   int
		value float64
	}
	var all []valued
	for _, lag := range lags {
		all = append(all, valued{lag, value(lag)})
	}
	slices.SortStableFunc(all, func(a, b valued) int { return cmp.Compare(b.value, a.value) })
	lags = lags[:0]
	for _, v := range all[:n] {
		lags = append(lags, v.lag)
	}
	return lags
}
