package duplicate

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
)

const (
	// window is how many samples a fingerprint is made of, and how many bits decide
	// whether one is made.
	window = 64
	// before is how many samples before the last one the fingerprint needs: the bits
	// come from third differences.
	before = window + 2
	// There is about one fingerprint in so many samples, as a power of 2: some dozens
	// in a short recording, and fewer in longer ones up to a limit.
	minRarity, maxRarity = 7, 11
	// maxFound is how many of a recording are kept, in 24 MB: of hours in many channels,
	// every second one is left out, and so on.
	maxFound = 1 << 20
	// thinBits is how many bits of a fingerprint say how rare it is.
	thinBits = 16

	mixer = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio (Knuth, TAOCP 3, 6.4)
)

// print is a fingerprint in a recording.
type print struct {
	print   uint64
	frame   int64 // its last one
	channel int
}

// Printer takes the fingerprints of a recording. The zero value is one that has got
// no samples yet.
type Printer struct {
	found  []print
	rarity uint
	frames int64     // so far
	buffer [][]int32 // the last frames before, and some of those that were added
}

// rarity is how rare fingerprints are in a recording of so many frames.
func rarity(frames int64) uint {
	return uint(min(max(bits.Len64(uint64(frames))-6, minRarity), maxRarity))
}

// isRare says whether a fingerprint is one of those that are so rare.
func isRare(print uint64, rarity uint) bool { return print>>(64-(rarity-minRarity)) == 0 }

// blockSamples is about how many samples, over all channels, are looked at at a time.
const blockSamples = 1 << 16

// Print returns a Printer that has got all samples of a recording. The error is one
// of reading it, or the context's.
func Print(ctx context.Context, r Recording) (*Printer, error) {
	p := &Printer{}
	block := max(blockSamples/int64(r.Format().Channels), before)
	for at := int64(0); at < r.Frames(); at += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		samples, err := r.Samples(at, int(min(block, r.Frames()-at)))
		if err != nil {
			return nil, err
		}
		p.Add(samples)
	}
	return p, nil
}

// Add takes the next frames, samples[channel][frame]. It does not matter how far all
// samples are shifted.
func (p *Printer) Add(samples [][]int32) {
	if p.buffer == nil {
		p.buffer = make([][]int32, len(samples))
	}
	block := max(blockSamples/len(samples), before)
	for at := 0; at < len(samples[0]); at += block {
		end := min(at+block, len(samples[0]))
		p.keep(rarity(p.frames + int64(at)))
		old, first := len(p.found), p.frames+int64(at-len(p.buffer[0]))
		for c := range samples {
			p.buffer[c] = append(p.buffer[c], samples[c][at:end]...)
			prints(p.buffer[c], p.rarity, func(i int, f uint64) {
				p.found = append(p.found, print{f, first + int64(i), c})
			})
			p.buffer[c] = append(p.buffer[c][:0], p.buffer[c][max(len(p.buffer[c])-before, 0):]...)
		}
		slices.SortStableFunc(p.found[old:], func(a, b print) int { return cmp.Compare(a.frame, b.frame) })
	}
	p.frames += int64(len(samples[0]))
	p.keep(rarity(p.frames))
}

// keep leaves only fingerprints that are so rare at least, and not more than there may
// be.
func (p *Printer) keep(rarity uint) {
	for rarity > p.rarity || len(p.found) > maxFound {
		p.rarity = max(rarity, p.rarity+1)
		p.found = slices.DeleteFunc(p.found, func(f print) bool { return !isRare(f.print, p.rarity) })
	}
}

// prints calls found with each fingerprint so rare that ends in samples[before:], and
// with the index of its last sample.
//
// A place is chosen by the signs of the last third differences, which are the same
// however far samples are shifted, and all others where they are negated. Third differences let the noise of a smooth sound
// come out, so that places differ. There are none in silence.
func prints(samples []int32, rarity uint, found func(i int, print uint64)) {
	if len(samples) <= before {
		return
	}
	limit := uint64(1) << (64 - rarity)
	var signs uint64
	x := int64(samples[2])
	d := x - int64(samples[1])
	d2 := d - int64(samples[1]) + int64(samples[0])
	for i, s := range samples[3:] {
		next := int64(s) - x
		x += next
		next2 := next - d
		d = next
		third := next2 - d2
		d2 = next2
		signs = signs<<1 | uint64(third)>>63
		negated := signs>>63 != 0
		mixed := signs
		if negated {
			mixed = ^signs
		}
		mixed *= mixer
		if mixed >= limit || i+3 < before || signs == 0 {
			continue
		}
		if print, ok := fingerprint(samples[i+4-window:i+4], mixed<<minRarity, negated); ok {
			found(i+3, print)
		}
	}
}

// fingerprint returns the hash of a window, without the low bits that all samples
// have as zeros, and negated if that is wanted, below the bits that say how rare it is.
func fingerprint(samples []int32, rare uint64, negated bool) (print uint64, ok bool) {
	shift := wasted(samples)
	if shift == 32 {
		return 0, false
	}
	h, sign := uint64(0), int32(1)
	if negated {
		sign = -1
	}
	for _, s := range samples {
		h = (h ^ uint64(uint32(s>>shift*sign))) * mixer
		h ^= h >> 29
	}
	return rare&^(1<<(64-thinBits)-1) | h>>thinBits, true
}

// wasted is how many low bits are 0 in all samples, 32 if all are 0.
func wasted(samples []int32) int {
	all := int32(0)
	for _, s := range samples {
		all |= s
	}
	return bits.TrailingZeros32(uint32(all))
}
