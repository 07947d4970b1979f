package segment

import (
	"context"
	"encoding/binary"
	"math/bits"
	"slices"

	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/repeat"
)

// MeasureRepeats returns, for each of some lengths in frames, about how many bits a sample are saved by what repeats where
// samples[channel][frame] are cut into segments of that length. It fails only if the context ends.
func (c *Coder) MeasureRepeats(ctx context.Context, samples [][]int32, lengths []int) ([]float64, error) {
	if !c.description.Predictors.Repeats() {
		return make([]float64, len(lengths)), nil
	}
	return repeat.Gains(ctx, samples, lengths)
}

// RepeatShare returns about what share of their bytes samples[channel][frame], at least one frame, save as one segment by repeating
// themselves, 0 to 1. It looks at the first two channels that are not constant, or equal to others. It fails only if the context ends.
func (c *Coder) RepeatShare(ctx context.Context, samples [][]int32) (float64, error) {
	if !mayRepeat(&c.description.Predictors, len(samples[0])) {
		return 0, ctx.Err()
	}
	var looked [][]int32
	for _, channel := range samples {
		steps := withoutLowZeros(channel)
		if steps != nil && !slices.ContainsFunc(looked, func(o []int32) bool { return slices.Equal(o, steps) }) {
			looked = append(looked, steps)
		}
		if len(looked) == 2 {
			break
		}
	}
	if len(looked) == 0 {
		return 0, ctx.Err()
	}
	return repeat.Share(ctx, looked)
}

// withoutLowZeros returns samples without the low bits that all of them have in common, or nil if that is all.
func withoutLowZeros(samples []int32) []int32 {
	differ := int32(0)
	for _, v := range samples {
		differ |= v ^ samples[0]
	}
	if differ == 0 {
		return nil
	}
	shift := bits.TrailingZeros32(uint32(differ))
	if shift == 0 {
		return samples
	}
	steps := make([]int32, len(samples))
	for i, v := range samples {
		steps[i] = v >> shift
	}
	return steps
}

// The lags of a group are written as numbers that are mostly small: recordings come back to the same lags.
const (
	noLag  = 0
	recent = 15 // numbers from 1 on are those of the lags that were used last, the newest first
)

// recentLags are the lags that were used last, the newest first, without what occurs twice.
type recentLags struct{ list []int }

// use makes a lag the newest one.
func (r *recentLags) use(lag int) {
	if at := slices.Index(r.list, lag); at >= 0 {
		r.list = slices.Delete(r.list, at, at+1)
	}
	r.list = slices.Insert(r.list, 0, lag)
	r.list = r.list[:min(len(r.list), recent)]
}

// mayRepeat reports whether a group whose predictors go through so many frames is long enough to say where it repeats itself.
func mayRepeat(d *predictor.Description, frames int) bool {
	return d.Repeats() && frames >= predictor.LeastRepeating
}

// appendLags appends the lags of a group that may repeat itself: whether it does, and the lags of each stretch but the first.
func appendLags(out []byte, lags predictor.Lags) []byte {
	if lags == nil {
		return append(out, 0)
	}
	out = append(out, 1)
	var r recentLags
	for _, lag := range lags[1:] {
		out = binary.AppendUvarint(out, r.number(lag))
	}
	return out
}

// number returns what stands for a lag, which it uses.
func (r *recentLags) number(lag int) uint64 {
	if lag == 0 {
		return noLag
	}
	number := uint64(slices.Index(r.list, lag) + 1)
	if number == 0 {
		number = uint64(lag - predictor.LeastLag + recent + 1)
	}
	r.use(lag)
	return number
}

// lags reads the lags of a group.
func (r *reader) lags(d *predictor.Description, g *Group) {
	if r.err != nil || !mayRepeat(d, g.frames()) {
		return
	}
	switch r.byte() {
	case 0:
		return
	case 1:
	default:
		r.fail()
		return
	}
	g.Lags = make(predictor.Lags, (g.frames()-1)/predictor.Stretch+1)
	var known recentLags
	for i := 1; i < len(g.Lags) && r.err == nil; i++ {
		g.Lags[i] = r.lag(&known, i*predictor.Stretch)
	}
}

// lag reads a lag of a stretch that begins at the frame given.
func (r *reader) lag(known *recentLags, start int) int {
	number := r.uvarint()
	if number == noLag {
		return 0
	}
	lag := 0
	switch {
	case number > recent:
		number -= recent + 1
		if number > uint64(start-predictor.LeastLag) {
			r.fail()
			return 0
		}
		lag = int(number) + predictor.LeastLag
	case number <= uint64(len(known.list)):
		lag = known.list[number-1]
	}
	if lag == 0 || r.err != nil {
		r.fail()
		return 0
	}
	known.use(lag)
	return lag
}
