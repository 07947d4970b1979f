package recordingtest

// noise is a generator of pseudo-random numbers (xorshift, Marsaglia 2003).
type noise uint64

// next returns the next number.
func (n *noise) next() uint64 {
	*n ^= *n << 13
	*n ^= *n >> 7
	*n ^= *n << 17
	return uint64(*n)
}

// generate fills samples[channel][frame] from a function of both.
func generate(channels, frames int, value func(channel, frame int) int32) [][]int32 {
	samples := make([][]int32, channels)
	for c := range samples {
		samples[c] = make([]int32, frames)
		for i := range samples[c] {
			samples[c][i] = value(c, i)
		}
	}
	return samples
}

// triangle is a wave of the given period in frames between -peak and peak.
func triangle(frame, period int, peak int64) int64 {
	phase := int64(frame % period)
	return peak - 4*peak*min(phase, int64(period)-phase)/int64(period)
}

// Tone returns two tones and some noise, at half of the full scale of the
// given bits a sample: samples[channel][frame] in that range.
func Tone(channels, frames, bits int) [][]int32 {
	source := noise(88172645463325252)
	full := int64(1)<<(bits-1) - 1
	return generate(channels, frames, func(c, i int) int32 {
		hiss := int64(source.next()%64) * full / 4096
		return int32(triangle(i, 401+7*c, full/4) + triangle(i, 97, full/8) + hiss/16)
	})
}

// whiteNoise returns samples that cannot be compressed.
func whiteNoise(channels, frames, bits int) [][]int32 {
	source := noise(362436069)
	return generate(channels, frames, func(int, int) int32 {
		return int32(uint32(source.next()>>32)) >> (32 - bits)
	})
}

// square returns a square wave of full scale.
func square(channels, frames, bits int) [][]int32 {
	full := int32(1)<<(bits-1) - 1
	return generate(channels, frames, func(_, i int) int32 {
		if i%200 < 100 {
			return full
		}
		return -full - 1
	})
}

// interrupted returns sound with digital silence in between.
func interrupted(channels, frames, bits int) [][]int32 {
	samples := Tone(channels, frames, bits)
	for _, channel := range samples {
		for i := range channel {
			if i/2000%2 == 1 {
				channel[i] = 0
			}
		}
	}
	return samples
}

// lattice returns 16-bit sound times 0.7 in 24 bits, rounded to nearest, as
// programs make it that change the level.
func lattice(channels, frames int) [][]int32 {
	samples := Tone(channels, frames, 16)
	for _, channel := range samples {
		for i, v := range channel {
			tenths := v * 256 * 7
			if tenths < 0 {
				channel[i] = (tenths - 5) / 10
			} else {
				channel[i] = (tenths + 5) / 10
			}
		}
	}
	return samples
}

// shifted returns sound of the given bits, moved up by some wasted bits.
func shifted(channels, frames, bits, wasted int) [][]int32 {
	samples := Tone(channels, frames, bits)
	for _, channel := range samples {
		for i := range channel {
			channel[i] <<= wasted
		}
	}
	return samples
}
