package recording

// Companded samples (ITU-T G.711) are bytes: a sign, a segment of three bits and
// a step of four bits. Without the inversions of the line, a code is a sign bit,
// set for positive values, and a magnitude of seven bits that grows with the
// absolute value. The sample of a code is its magnitude if it is positive, and
// -1 minus its magnitude if it is negative: an order in which the decoded values
// ascend, with a sample of its own for the negative zero of mu-law.

const (
	muLawInversion = 0x7F // of the magnitude's bits, in stored bytes
	aLawInversion  = 0x55
	positive       = 0x80 // the sign bit of stored bytes
)

var muLawValues, aLawValues = companded(muLawMagnitude), companded(aLawMagnitude)

// Values returns, for MuLaw and ALaw, the decoded value of each sample: that of
// sample s, -128 to 127, is Values()[s+128]. They strictly ascend. Those of
// mu-law have 14 bits, -8031 to 8031, and those of A-law 13 bits, -4032 to 4032,
// as in tables 1a to 2b of G.711; decoders to 16 bits multiply them by 4 and 8.
//
// There is one exception: the negative zero of mu-law, sample -1, has the value
// -1, which no other sample has, so that a value stands for one sample only.
//
// Values returns nil for other kinds.
func (k Kind) Values() *[256]int32 {
	switch k {
	case MuLaw:
		return &muLawValues
	case ALaw:
		return &aLawValues
	}
	return nil
}

// companded returns the values of the samples -128 to 127.
func companded(magnitude func(int32) int32) [256]int32 {
	var values [256]int32
	for m := range int32(128) {
		v := magnitude(m)
		values[128+m] = v
		if v == 0 {
			v = 1 // the negative zero
		}
		values[127-m] = -v
	}
	return values
}

func muLawMagnitude(m int32) int32 {
	segment, step := m>>4, m&15
	return (2*step+33)<<segment - 33
}

func aLawMagnitude(m int32) int32 {
	segment, step := m>>4, m&15
	if segment == 0 {
		return 2*step + 1
	}
	return (2*step + 33) << (segment - 1)
}

// fromCode returns the sample of a stored byte.
func fromCode(code, inversion byte) int32 {
	m := int32((code ^ inversion) &^ positive)
	if code&positive == 0 {
		m = -1 - m
	}
	return m
}

// toCode is the inverse of fromCode.
func toCode(sample int32, inversion byte) byte {
	if sample < 0 {
		return byte(-1-sample)&^positive ^ inversion
	}
	return byte(sample)&^positive ^ inversion | positive
}

func unpackMuLaw(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = fromCode(in[p], muLawInversion)
		p += stride
	}
}

func unpackALaw(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = fromCode(in[p], aLawInversion)
		p += stride
	}
}

func packMuLaw(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		out[p] = toCode(v, muLawInversion)
		p += stride
	}
}

func packALaw(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		out[p] = toCode(v, aLawInversion)
		p += stride
	}
}
