package fourier

import "math/bits"

// Correlator computes autocorrelations, a block of samples after the other. (Stockham, High-speed convolution and correlation, AFIPS 28, 1966.)
type Correlator struct {
	transform *Transform
	// both has the spectrum of a block as its real part's, and that of the samples from its beginning on as its imaginary part's.
	both, sum Spectrum
}

// NewCorrelator makes a correlator for so many lags, from 0 on, at least 1.
func NewCorrelator(lags int) *Correlator {
	n := 1 << bits.Len(uint(3*lags))
	return &Correlator{New(n), NewSpectrum(n), NewSpectrum(n)}
}

// Auto sets into[lag], for each lag that there is room for, at most as many as the correlator is for, to the sum of x[i]*x[i+lag] over all i for which
// there are both.
func (c *Correlator) Auto(x, into []float64) {
	clear(c.sum.Re)
	clear(c.sum.Im)
	n := len(c.sum.Re)
	for block := n - len(into) + 1; len(x) > 0; x = x[min(block, len(x)):] {
		clear(c.both.Re[copy(c.both.Re[:block], x):])
		clear(c.both.Im[copy(c.both.Im, x):])
		c.transform.Forward(c.both)
		c.add()
	}
	c.transform.Inverse(c.sum)
	for lag, v := range c.sum.Re[:len(into)] {
		into[lag] = v / float64(4*n)
	}
}

// add adds four times the product of the spectra of both parts, that of the block conjugated. The spectrum of what is real is at -k what it is at k,
// conjugated, which tells the two apart; in bit-reversed order -k lies where k does in its octave from the other end on.
func (c *Correlator) add() {
	c.addAt(0, 0)
	for octave := 1; octave < len(c.sum.Re); octave *= 2 {
		for k := octave; k < 2*octave; k++ {
			c.addAt(k, 3*octave-1-k)
		}
	}
}

func (c *Correlator) addAt(k, opposite int) {
	r, i := c.both.Re[k], c.both.Im[k]
	or, oi := c.both.Re[opposite], c.both.Im[opposite]
	ar, ai, br, bi := r+or, i-oi, i+oi, or-r
	c.sum.Re[k] += float64(ar*br) + float64(ai*bi)
	c.sum.Im[k] += float64(ar*bi) - float64(ai*br)
}
