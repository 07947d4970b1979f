package flac

import (
	"fmt"
	"math/bits"
	"slices"
)

// An analyzer finds the subframes of one block after another, in buffers that
// it keeps. The zero value is ready.
type analyzer struct {
	signals [maxChannels]signal // the channels, then mid and side when there are two
	frame   frame

	// Buffers of the analysis of one signal.
	fixed        fixedResult
	floats       []float64 // samples, soon under the window, then zeros
	windowed     []float64 // a part of them under the window, then zeros
	short        []float64 // window of the last block that was not full
	correlations []autocorrelation
	candidates   candidates
}

// A signal is one channel of a block, or the mid or side of two channels.
type signal struct {
	length   int     // number of samples
	inWords  bool    // packed has the samples, and has them first
	samples  []int64 // without the wasted bits
	bits     int     // bits per sample of samples, 1 to 33
	wasted   int     // low bits that are zero in all samples and not stored
	packed   packed  // the same samples for kernels
	best     subframe
	sums     partitionSums // of the best predictor's absolute residuals
	residual []int32       // what the best predictor leaves, with zeros up to its order
}

// Positions of the decorrelated signals of a stereo block among the signals.
const (
	midSignal  = 2
	sideSignal = 3
)

// analyze decides how to code samples[...][start:end] as the frame of that
// number. The frame is valid until the next call.
func (a *analyzer) analyze(format Format, samples [][]int32, start, end int, number int64) (*frame, error) {
	if number < 0 || number >= maxFrames {
		return nil, fmt.Errorf("%w: frame number %d is outside its range of 0 to %d", ErrUnsupported, number, int64(maxFrames)-1)
	}
	for c, channel := range samples {
		if i := a.signals[c].load(channel[start:end], format.Bits); i >= 0 {
			return nil, fmt.Errorf("sample %d of channel %d is %d, which does not fit in %d bits", start+i, c, channel[start+i], format.Bits)
		}
	}
	signals := a.signals[:format.Channels]
	if format.Channels == 2 {
		a.loadMidSide(format.Bits)
		signals = a.signals[:4]
	}
	for i := range signals {
		a.prepare(&signals[i])
		a.predict(&signals[i], format.Bits)
	}
	a.chooseChannels(format, end-start, number)
	for _, s := range a.frame.signals {
		s.settle(format.Bits)
	}
	return &a.frame, nil
}

// load takes over the samples of a channel. It returns the position of the
// first one that does not fit in the given bits, or -1.
func (s *signal) load(channel []int32, sampleBits int) int {
	// The side of two channels needs a bit more.
	s.begin(len(channel), sampleBits, kernelsTake(len(channel), sampleBits+1))
	unused := int32(0)
	if s.inWords {
		words := s.packed.room()[:len(channel)]
		for i, x := range channel {
			words[i] = x
			unused |= x ^ x>>31
		}
	} else {
		for i, x := range channel {
			s.samples[i] = int64(x)
			unused |= x ^ x>>31
		}
	}
	if unused>>(sampleBits-1) == 0 {
		return -1
	}
	return slices.IndexFunc(channel, func(x int32) bool { return (x^x>>31)>>(sampleBits-1) != 0 })
}

// begin makes room for samples of the given width.
func (s *signal) begin(length, sampleBits int, inWords bool) {
	s.length, s.bits, s.wasted, s.inWords = length, sampleBits, 0, inWords
	s.samples = resize(s.samples, length)
}

// loadMidSide derives mid and side from the first two signals (RFC 9639,
// section 4.2). The side needs one bit more than the channels.
func (a *analyzer) loadMidSide(sampleBits int) {
	left, right, mid, side := &a.signals[0], &a.signals[1], &a.signals[midSignal], &a.signals[sideSignal]
	mid.begin(left.length, sampleBits, left.inWords)
	side.begin(left.length, sampleBits+1, left.inWords)
	if left.inWords {
		active.midSide(&left.packed.room()[0], &right.packed.room()[0], &mid.packed.room()[0], &side.packed.room()[0], left.length)
		return
	}
	for i, l := range left.samples {
		r := right.samples[i]
		mid.samples[i] = (l + r) >> 1
		side.samples[i] = l - r
	}
}

// removeWastedBits shifts out the low bits that are zero in all samples (RFC
// 9639, section 9.2.2).
func (s *signal) removeWastedBits() {
	used := int64(0)
	for _, x := range s.samples {
		used |= x
	}
	s.wasted = wastedBits(uint64(used))
	s.bits -= s.wasted
	if s.wasted > 0 {
		for i := range s.samples {
			s.samples[i] >>= s.wasted
		}
	}
}

// wastedBits returns how many low bits are zero in all samples, given all of
// them combined by "or". Silence has none: a constant subframe holds it.
func wastedBits(used uint64) int {
	if used == 0 {
		return 0
	}
	return bits.TrailingZeros64(used)
}

// chooseChannels composes the frame: all channels as they are, or for stereo
// the pair of left, right, mid and side with the fewest estimated bits.
func (a *analyzer) chooseChannels(format Format, length int, number int64) {
	f := &a.frame
	f.format, f.length, f.number = format, length, number
	f.assignment = uint64(format.Channels - 1)
	f.signals = f.signals[:0]
	if format.Channels != 2 {
		for c := range format.Channels {
			f.signals = append(f.signals, &a.signals[c])
		}
		return
	}
	left, right, mid, side := &a.signals[0], &a.signals[1], &a.signals[midSignal], &a.signals[sideSignal]
	pairs := [...]struct {
		assignment    uint64
		first, second *signal
	}{
		{f.assignment, left, right},
		{assignmentLeftSide, left, side},
		{assignmentSideRight, side, right},
		{assignmentMidSide, mid, side},
	}
	best := pairs[0]
	for _, pair := range pairs[1:] {
		if pair.first.best.bits+pair.second.best.bits < best.first.best.bits+best.second.best.bits {
			best = pair
		}
	}
	f.assignment = best.assignment
	f.signals = append(f.signals, best.first, best.second)
}

// resize returns a slice of n values that reuses buffer where it is long enough.
func resize[T any](buffer []T, n int) []T {
	if cap(buffer) < n {
		return make([]T, n, max(n, BlockSize))
	}
	return buffer[:n]
}
