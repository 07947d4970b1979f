package segment

import (
	"math/bits"
	"slices"

	"trilobyte/codec/internal/entropy/alphabet"
	"trilobyte/codec/internal/entropy/rangecoder"
	"trilobyte/codec/internal/fixed"
)

// The ways in which a channel of a segment is coded.
const (
	constant = iota // one value throughout
	copied          // equal to an earlier channel, or a multiple of it
	dense           // every step between the lowest and the highest may occur
	listed          // only the listed steps occur
)

// channelPlan is how one channel is coded.
type channelPlan struct {
	kind    int
	value   int64 // of a constant channel
	source  int   // of a copied channel: the earlier one
	factor  multiple
	sse     bool // coded bit by bit, with secondary symbol estimation
	lattice alphabet.Lattice
	set     alphabet.Set // dense
	list    alphabet.Set // of the steps that occur, where not all do
	// worthListing says that coding ranks in the list may save more than the list costs.
	worthListing bool
}

// coded reports whether the channel's samples are coded one by one.
func (p *channelPlan) coded() bool { return p.kind == dense || p.kind == listed }

// Track is a channel that is coded sample by sample, in steps of its lattice.
type Track struct {
	Channel int
	Steps   []int32
	Low     float64 // least step
	High    float64 // greatest step
}

// planChannels analyses the channels of a segment, and returns those that are coded sample by sample, too. samples has at least one frame.
func planChannels(samples [][]int32) ([]channelPlan, []Track) {
	plans := make([]channelPlan, len(samples))
	var tracks []Track
	for c, s := range samples {
		p := &plans[c]
		if source := slices.IndexFunc(samples[:c], func(o []int32) bool { return slices.Equal(o, s) }); source >= 0 {
			*p = channelPlan{kind: copied, source: source, factor: same}
			continue
		}
		values := distinct(s)
		if len(values) == 1 {
			*p = channelPlan{kind: constant, value: int64(values[0])}
			continue
		}
		if source, m, ok := findMultiple(samples[:c], plans[:c], s, values); ok {
			*p = channelPlan{kind: copied, source: source, factor: m}
			continue
		}
		tracks = append(tracks, planTrack(p, c, s, values))
	}
	return plans, tracks
}

// planTrack finds the lattice and the set of a channel whose distinct values are given in ascending order.
func planTrack(p *channelPlan, channel int, samples, values []int32) Track {
	p.kind = dense
	p.lattice = alphabet.FindLattice(values)
	used := make([]int64, len(values))
	for i, v := range values {
		used[i], _ = p.lattice.Index(int64(v))
	}
	low, high := used[0], used[len(used)-1]
	p.set = alphabet.Dense(low, high)
	if int64(len(used)) < high-low+1 {
		p.list = alphabet.Listed(used)
	}
	steps := p.steps(samples)
	p.worthListing = worthListing(&p.list, steps)
	return Track{Channel: channel, Steps: steps, Low: float64(low), High: float64(high)}
}

// LatticeBits returns how many bits a sample of samples[channel][frame], at least one frame, follow from the lattices of the channels, low
// bits that are 0 in all samples of a channel not counted.
func LatticeBits(samples [][]int32) float64 {
	bits := 0.0
	for _, s := range samples {
		if s = withoutLowZeros(s); s == nil {
			continue // a constant channel
		}
		lattice := alphabet.FindLattice(distinct(s))
		bits += fixed.PreciseLog2(float64(lattice.Gap) * lattice.Gain)
	}
	return bits / float64(len(samples))
}

// steps turns samples into steps of the lattice.
func (p *channelPlan) steps(samples []int32) []int32 {
	if p.lattice == alphabet.Unit {
		return slices.Clone(samples)
	}
	steps := make([]int32, len(samples))
	for i, v := range samples {
		if p.lattice.Gain == 1 {
			steps[i] = int32((int64(v) - p.lattice.Offset) / p.lattice.Gap)
			continue
		}
		k, _ := p.lattice.Index(int64(v))
		steps[i] = int32(k)
	}
	return steps
}

// worthListing reports whether a list could pay: it saves each sample at most the bits of the gap around its value,
// and costs what coding it costs.
func worthListing(list *alphabet.Set, steps []int32) bool {
	if list.IsDense() {
		return false
	}
	cost := rangecoder.NewEncoder(nil)
	list.Write(cost)
	widths := make([]int64, list.Len()) // the logarithms of the gaps, in 1/32 bits
	for rank := range widths {
		below, above := max(0, rank-1), min(len(widths)-1, rank+1)
		width := float64(list.Step(int64(above))-list.Step(int64(below))) / float64(above-below)
		widths[rank] = int64(fixed.Log2(width))
	}
	saved := int64(0)
	for _, step := range steps {
		saved += widths[list.Rank(int64(step))]
	}
	return saved/32/8 > int64(len(cost.Finish()))
}

// distinct returns the values that occur, ascending.
func distinct(samples []int32) []int32 {
	low, high := slices.Min(samples), slices.Max(samples)
	const bitmapLimit = 1 << 25
	span := int64(high) - int64(low) + 1
	if span > bitmapLimit {
		values := slices.Clone(samples)
		slices.Sort(values)
		return slices.Compact(values)
	}
	seen := make([]uint64, (span+63)/64)
	for _, v := range samples {
		at := uint32(v - low)
		seen[at/64] |= 1 << (at % 64)
	}
	var values []int32
	for i, word := range seen {
		for ; word != 0; word &= word - 1 {
			values = append(values, low+int32(64*i+bits.TrailingZeros64(word)))
		}
	}
	return values
}
