package segment

import (
	"context"

	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/repeat"
)

// arrange chooses the groups in which tracks are coded, by what least squares over some parts of them say. It fails only if the context
// ends.
func arrange(ctx context.Context, tracks []Track) ([]Group, error) {
	if len(tracks) < 2 || len(tracks[0].Steps) < leastArranged {
		return neighbours(tracks), nil
	}
	if len(tracks) == 2 {
		return []Group{arrangePair(tracks[0], tracks[1])}, nil
	}
	return arrangeMany(ctx, tracks)
}

const (
	// leastArranged is the number of frames from which another arrangement than the usual one is looked for.
	leastArranged = 1024
	// The estimates look at so many parts of so many frames.
	estimatedParts, estimatedFrames = 12, 2048
	// seen is how many samples of each channel the estimates for pairs take for regressors, offsetLook the greatest offset that they try.
	seen, offsetLook = 14, 16
	// worthArranging is the share of a pair's size that another arrangement must save: one of so many. The estimates are rough: where they
	// promise less than 1.5 %, as often as not nothing is saved.
	worthArranging = 50
)

// offsets are those that are tried.
var offsets = [...]int{0, 1, 2, 3, 4, 6, 8, 12, offsetLook}

// parts calls visit with the first frame of each part that estimates look at, and the frame after it; before the first one there are
// so many.
func parts(frames, before int, visit func(start, end int)) {
	count := min(estimatedParts, max(1, (frames-before)/estimatedFrames))
	size := min(estimatedFrames, frames-before)
	for i := range count {
		start := before + (2*i+1)*(frames-before-size)/(2*count)
		visit(start, start+size)
	}
}

// arrangePair chooses the order of a pair, and its offset.
func arrangePair(a, b Track) Group {
	const window = seen + offsetLook + 1 // samples of each channel
	joint := predictor.NewJoint(2 * window)
	var bits [2][len(offsets)]float64 // with a first, and with b
	parts(len(a.Steps), window-1, func(start, end int) {
		joint.Reset()
		for t := start; t < end; t++ {
			row := joint.Row()
			for i := range window {
				row[i], row[window+i] = float64(a.Steps[t-i]), float64(b.Steps[t-i])
			}
			joint.Add()
		}
		for i, offset := range offsets {
			bits[0][i] += jointBits(joint, 0, window, offset, end-start)
			bits[1][i] += jointBits(joint, window, 0, offset, end-start)
		}
	})
	usual := bits[0][0]
	best, group := usual-usual/worthArranging, Group{Tracks: []Track{a, b}}
	for i, offset := range offsets {
		if bits[0][i] < best {
			best, group = bits[0][i], Group{Tracks: []Track{a, b}, Offset: offset}
		}
		if bits[1][i] < best {
			best, group = bits[1][i], Group{Tracks: []Track{b, a}, Offset: offset}
		}
	}
	return group
}

// jointBits returns about how many bits a pair takes, whose newest samples are variables from leader and from follower on, if the follower
// is coded so many frames behind the leader.
func jointBits(joint *predictor.Joint, leader, follower, offset, frames int) float64 {
	of, n := make([]int, 2*seen), float64(frames)
	for i := range seen {
		of[i], of[seen+i] = leader+1+i, follower+offset+1+i
	}
	bits := predictor.Bits(joint.Left(leader, of)/n, frames)
	for i := range seen {
		of[i], of[seen+i] = follower+offset+1+i, leader+i
	}
	return bits + predictor.Bits(joint.Left(follower+offset, of)/n, frames)
}

// Channels are coded alone, and have references, only where that saves such a share by the estimates: one of so many.
const worthReferring = 200

// estimatedOrder is the number of regressors of the estimates for many channels.
const estimatedOrder = 32

// arrangeMany chooses, in the order of the channels, between pairs of neighbours and channels alone, which are told of by references.
func arrangeMany(ctx context.Context, tracks []Track) ([]Group, error) {
	steps := make([][]int32, len(tracks))
	for i, t := range tracks {
		steps[i] = t.Steps
	}
	related, err := repeat.Related(ctx, steps)
	if err != nil {
		return nil, err
	}
	e := &estimator{steps: steps, fit: predictor.NewFit(estimatedOrder)}
	var groups []Group
	var alone *single // the next one, if that is known already
	for i := 0; i < len(tracks); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if alone == nil {
			alone = e.single(i, related[i])
		}
		if i == len(tracks)-1 {
			groups = append(groups, Group{Tracks: tracks[i:], References: alone.references})
			break
		}
		next := e.single(i+1, related[i+1])
		if usual := e.pair(i); usual-usual/worthReferring <= alone.bits+next.bits {
			groups = append(groups, Group{Tracks: tracks[i : i+2]})
			i, alone = i+2, nil
			continue
		}
		groups = append(groups, Group{Tracks: tracks[i : i+1], References: alone.references})
		i, alone = i+1, next
	}
	return groups, nil
}

// single is a channel that is coded alone.
type single struct {
	references []reference
	bits       float64 // about how many it takes
}

// estimator estimates by least squares how many bits channels take.
type estimator struct {
	steps [][]int32
	fit   *predictor.Fit
}

// single chooses the references of a channel alone.
func (e *estimator) single(channel int, related []repeat.Relation) *single {
	best := &single{bits: e.bits(channel, nil, 0)}
	for n := 1; n <= min(maxReferences, len(related)); n *= 2 {
		var list []reference
		for _, r := range related[:n] {
			list = append(list, reference{r.Channel, r.Delay})
		}
		share := estimatedOrder / 2 / n
		if bits := e.bits(channel, list, share); bits < best.bits-best.bits/worthReferring {
			best.references, best.bits = list, bits
		}
	}
	return best
}

// pair returns about how many bits a channel and the next one take as a pair.
func (e *estimator) pair(channel int) float64 {
	const half = estimatedOrder / 2
	// What comes before the same frame is half of what is around the one that is half of it before.
	first := e.bits(channel, []reference{{channel + 1, half - (half-1)/2}}, half)
	return first + e.bits(channel+1, []reference{{channel, half - 1 - (half-1)/2}}, half)
}

// bits returns about how many bits a channel takes that is predicted from its past and from so many samples of each of some others.
func (e *estimator) bits(channel int, references []reference, share int) (bits float64) {
	own := estimatedOrder - share*len(references)
	samples := e.steps[channel]
	parts(len(samples), estimatedOrder, func(start, end int) {
		e.fit.Reset()
		for t := start; t < end; t++ {
			row := e.fit.Row()
			for i := range own {
				row[i] = float64(samples[t-1-i])
			}
			at := own
			for _, r := range references {
				other := e.steps[r.track]
				for k := range share {
					row[at] = 0
					if i := t - r.delay - (share-1)/2 + k; i >= 0 && i < len(other) {
						row[at] = float64(other[i])
					}
					at++
				}
			}
			e.fit.Add(float64(samples[t]))
		}
		bits += predictor.Bits(e.fit.Left()/float64(end-start), end-start)
	})
	return bits
}
