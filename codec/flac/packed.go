package flac

import "math/bits"

// packed has the samples of a signal as kernels take them. They take full
// blocks only, whose finest partitions have kernelPartition samples.
type packed struct {
	words  []int32     // zeros, as many as packedZeros, then the samples
	halves []int16     // the same
	width  int         // bits that hold each sample, up to packedBits
	group  packedGroup // buffer of sumHalves
	fine   fineEstimate
}

const (
	packedZeros     = 16 // at least maxOrder: what is before the first sample
	kernelPartition = BlockSize / maxPartitions
	// packedBits is the most bits of samples: those of the side of two channels
	// of 24 bits. sumFixed adds up 8 values of up to 4 bits more in 32.
	packedBits = 25
	halfBits   = 16 // the most bits of samples that the halves hold
)

// kernelsTake tells whether there are kernels that take blocks of so many
// samples of the given width.
func kernelsTake(length, sampleBits int) bool {
	return active.pack != nil && length == BlockSize && sampleBits <= packedBits
}

// room returns the words behind the zeros.
func (p *packed) room() []int32 {
	if p.words == nil {
		p.words = make([]int32, packedZeros+BlockSize)
		p.halves = make([]int16, packedZeros+BlockSize)
	}
	return p.words[packedZeros:]
}

// prepare removes the wasted bits of the samples and brings them into all the
// forms that the analysis of a signal takes.
func (a *analyzer) prepare(s *signal) {
	a.floats = resize(a.floats, s.length+len(autocorrelation{}))
	clear(a.floats[s.length:])
	if !s.inWords {
		s.removeWastedBits()
		if s.inWords = kernelsTake(s.length, s.bits); s.inWords {
			for i, x := range s.samples {
				s.packed.room()[i] = int32(x)
			}
		}
	}
	if s.inWords {
		s.pack(a.floats)
		return
	}
	for i, x := range s.samples {
		a.floats[i] = float64(x)
	}
}

// pack does the work of prepare for a signal that is in words.
func (s *signal) pack(floats []float64) {
	words := s.packed.room()
	pack := func() (used, width uint64) {
		return active.pack(&words[0], &s.samples[0], &s.packed.halves[packedZeros], &floats[0], len(words))
	}
	used, width := pack()
	if wasted := wastedBits(used); wasted > 0 {
		for i := range words {
			words[i] >>= wasted
		}
		_, width = pack()
		s.wasted += wasted
		s.bits -= wasted
	}
	s.packed.width = bits.Len64(width) + 1
}

// predictorGroup is how many predictors sumHalves takes at once.
const predictorGroup = 3

// packedGroup has predictors as sumHalves takes them.
type packedGroup struct {
	pairs  [predictorGroup][maxOrder / 2]uint32 // the farther sample's coefficient below the nearer one's
	shifts [predictorGroup]uint64
}

// load takes over predictors; there is nothing in the rest.
func (g *packedGroup) load(predictors []predictor) {
	*g = packedGroup{}
	for n := range predictors {
		p := &predictors[n]
		for i := range g.pairs[n] {
			g.pairs[n][i] = uint32(uint16(p.coefficients[2*i+1])) | uint32(uint16(p.coefficients[2*i]))<<16
		}
		g.shifts[n] = uint64(p.shift)
	}
}

// sumPacked sets sums to those of the absolute residuals of up to predictorGroup
// predictors, over the finest partitions of a signal in words. It reports false
// if residuals do not fit in an int32, or those that the first samples would have
// from zeros before them.
func (s *signal) sumPacked(predictors []predictor, sums *[predictorGroup]partitionSums) bool {
	if s.inHalves(predictors) {
		g := &s.packed.group
		g.load(predictors)
		active.sumHalves(&s.packed.halves[packedZeros], &g.pairs[0][0], &g.shifts[0], &sums[0][0], maxPartitions)
	} else {
		for n := range predictors {
			p := &predictors[n]
			largest := active.sumWords(&s.packed.words[packedZeros], &p.coefficients[0], p.shift, &sums[n][0], maxPartitions)
			if largest>>31 != 0 {
				return false
			}
		}
	}
	// The first samples have no residuals.
	for n := range predictors {
		p := &predictors[n]
		for i := range p.order {
			sums[n][0] -= absolute(s.samples[i] - p.predict(s.samples, i))
		}
	}
	return true
}

// inHalves tells whether sumHalves can take the samples and predictors.
func (s *signal) inHalves(predictors []predictor) bool {
	if s.packed.width > halfBits {
		return false
	}
	for n := range predictors {
		if p := &predictors[n]; !p.narrow(halfBits) || p.largest(halfBits)*kernelPartition >= 1<<32 {
			return false
		}
	}
	return true
}
