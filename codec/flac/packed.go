package flac

import "math/bits"

// packed has the samples of a signal as kernels take them. They take full
// blocks only, whose finest partitions have kernelPartition samples.
type packed struct {
	words  []int32              // zeros, as many as packedZeros, then the samples
	halves []int16              // the same
	width  int                  // bits that hold each sample, up to packedBits
	pairs  [maxOrder / 2]uint32 // buffer of sumPacked
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

// sumPacked does the work of predictor.sumResidual if there is a kernel that
// can.
func (s *signal) sumPacked(p *predictor, sums *partitionSums) bool {
	switch {
	case !s.inWords:
		return false
	case s.packed.width <= halfBits && p.narrow(halfBits) && p.largest(halfBits)*kernelPartition < 1<<32:
		pairs := &s.packed.pairs
		for i := range pairs { // the farther sample's coefficient below the nearer one's
			pairs[i] = uint32(uint16(p.coefficients[2*i+1])) | uint32(uint16(p.coefficients[2*i]))<<16
		}
		active.sumHalves(&s.packed.halves[packedZeros], &pairs[0], p.shift, &sums[0], maxPartitions)
	default:
		largest := active.sumWords(&s.packed.words[packedZeros], &p.coefficients[0], p.shift, &sums[0], maxPartitions)
		if largest>>31 != 0 {
			return false // perhaps of the samples that do not count
		}
	}
	// The first samples have no residuals. The kernel has predicted them from zeros.
	for i := range p.order {
		sums[0] -= absolute(s.samples[i] - p.predict(s.samples, i))
	}
	return true
}
