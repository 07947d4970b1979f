package kernel

import (
	"fmt"
	"slices"
	"strings"

	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/simd"
)

// shape is what of a preset is compiled into its kernel.
type shape struct {
	description *network.Description
	squares     []predictor.LeastSquares // each with one solution
	mixed       []int                    // predictions that enter the mixers
	unknowns    []int                    // of each system: the least squares, then the mixers
	weights     []int                    // where those of a system begin, and how many there are
	slots       [][2]int                 // systems of each warp; -1 for none
	filters     [2]filterSet             // without tones and with them
	firstMixer  int
	most        int // unknowns of a least squares with other sources
	predictions int
	count       int // filters
	units       int // of the memory
	hidden      [2]int
	taperRows   int

	usual, other arrangement // of the systems; the latter is as large as any with other sources needs
}

// The limits of what is compiled.
const (
	mostTones  = 2
	mostLanes  = 32 // the last one stays free
	mostMixed  = 32
	halfLanes  = 16
	warpLanes  = 32
	systemRoom = 136 // doubles of the factor of a system of half a warp
)

// newShape returns the shape of a model, or why there can be no kernel for it.
func newShape(m *network.Model) (*shape, error) {
	d := m.Description()
	p := &d.Predictors
	s := &shape{description: d, squares: p.LeastSquares, predictions: p.Count(), firstMixer: p.FirstMixer()}
	for _, l := range s.squares {
		if len(l.Solutions) != 1 {
			return nil, fmt.Errorf("kernel: %d solutions of one least squares", len(l.Solutions))
		}
		s.unknowns = append(s.unknowns, l.Own+l.Other)
	}
	for i := range s.firstMixer {
		if !slices.Contains(p.Unmixed, i) {
			s.mixed = append(s.mixed, i)
		}
	}
	for range p.Mixers {
		s.unknowns = append(s.unknowns, len(s.mixed)+p.MixedSamples)
	}
	s.arrangeSystems()
	var err error
	for tonal := range s.filters {
		if s.filters[tonal], err = newFilterSet(p, tonal == 1); err != nil {
			return nil, err
		}
	}
	for i := range s.filters {
		s.filters[i].pad()
	}
	s.count = len(s.filters[0].lanes) - len(p.Cross)
	for i := range s.filters {
		for _, l := range s.filters[i].lanes {
			if l.Decaying {
				s.taperRows = max(s.taperRows, l.Taps/halfLanes)
			}
		}
	}
	if err := s.readNetwork(m); err != nil {
		return nil, err
	}
	return s, s.check()
}

// readNetwork notes the sizes of the layers.
func (s *shape) readNetwork(m *network.Model) error {
	layers := m.Layers()
	if _, rates, ok := m.Observer(); ok {
		s.units = len(rates)
	}
	switch {
	case s.units != 0 && s.units != 64, len(layers) < 2, len(layers) > 3, layers[0].Outputs%16 != 0:
		return fmt.Errorf("kernel: a network of %d layers with a memory of %d units", len(layers), s.units)
	}
	s.hidden[0] = layers[0].Outputs
	if len(layers) == 3 {
		s.hidden[1] = layers[1].Outputs
	}
	if h := s.hidden[1]; h%16 != 0 || h > 128 || h != 0 && h <= 64 && s.hidden[0]%32 != 0 {
		return fmt.Errorf("kernel: a layer of %d units after one of %d", h, s.hidden[0])
	}
	return nil
}

func (s *shape) check() error {
	p := &s.description.Predictors
	switch {
	case len(p.Mixers) != 0 && len(p.Mixers) != 3, len(s.mixed)+p.MixedSamples > mostMixed && len(p.Mixers) > 0:
		return fmt.Errorf("kernel: %d mixers of %d predictions", len(p.Mixers), len(s.mixed))
	case len(p.Tones) > mostTones:
		return fmt.Errorf("kernel: %d tones", len(p.Tones))
	case s.count+len(p.Cross) >= mostLanes, len(p.Cross) > 4:
		return fmt.Errorf("kernel: %d filters", s.count)
	case s.description.Predictors.FirstMixer() != len(s.squares)+len(p.Tones)+s.count:
		return fmt.Errorf("kernel: %d predictions of filters", s.count)
	}
	for _, l := range s.squares {
		if l.Repeating == nil {
			return fmt.Errorf("kernel: a least squares that takes no notice of repeats")
		}
	}
	for _, pair := range s.slots {
		if pair[1] >= 0 && !alike(s.solution(pair[0]), s.solution(pair[1])) {
			return fmt.Errorf("kernel: least squares that are solved at different times")
		}
	}
	return nil
}

// alike reports whether two systems' statistics are always brought up to date at the same time.
func alike(a, b predictor.Solution) bool {
	return a.First == b.First && (a.Last == b.Last || a.Last >= 4 && b.Last >= 4)
}

func (s *shape) solution(system int) predictor.Solution {
	if system < len(s.squares) {
		return s.squares[system].Solutions[0]
	}
	return s.description.Predictors.Mixers[system-len(s.squares)]
}

// arrangement says where the statistics of the systems are.
type arrangement struct {
	moments []int // where those of a system begin, in doubles
	rooms   []int // where each slot's room for factors begins, which is that of its warp
	halves  []bool
	size    int // of the moments of a channel
	factors int
}

// arrangeSystems gives each large system a warp, and two small ones together.
func (s *shape) arrangeSystems() {
	waiting := -1
	for i, n := range s.unknowns {
		switch {
		case n > halfLanes:
			s.slots = append(s.slots, [2]int{i, -1})
		case waiting >= 0 && n == halfLanes:
			s.slots = append(s.slots, [2]int{waiting, i})
			waiting = -1
		case n == halfLanes:
			waiting = i
		default:
			s.slots = append(s.slots, [2]int{i, -1})
		}
	}
	if waiting >= 0 {
		s.slots = append(s.slots, [2]int{waiting, -1})
	}
	s.usual = s.arrange(s.unknowns)
	most := slices.Clone(s.unknowns)
	for _, repeating := range []bool{false, true} {
		for _, paired := range []bool{false, true} {
			unknowns, _, _ := s.sources(repeating, paired)
			for i, n := range unknowns {
				most[i] = max(most[i], n)
				s.most = max(s.most, n)
			}
			a := s.arrange(unknowns)
			s.other.size, s.other.factors = max(s.other.size, a.size), max(s.other.factors, a.factors)
		}
	}
	at := 0
	for _, n := range most {
		s.weights = append(s.weights, at)
		at += simd.RoundUp(n, 2)
	}
	s.weights = append(s.weights, at)
}

// arrange lays out systems of so many unknowns.
func (s *shape) arrange(unknowns []int) arrangement {
	a := arrangement{moments: make([]int, len(unknowns))}
	rooms := make([]int, s.squareWarps())
	line := func(n int) int {
		if n > warpLanes {
			return 2 * warpLanes
		}
		return warpLanes
	}
	for i, pair := range s.slots {
		halves := pair[1] >= 0 && unknowns[pair[0]] == halfLanes && unknowns[pair[1]] == halfLanes
		a.halves = append(a.halves, halves)
		room := 0
		for k, system := range pair {
			if system < 0 {
				continue
			}
			n := unknowns[system]
			if halves && k == 1 {
				a.moments[system] = a.moments[pair[0]] + halfLanes
				room = 2 * systemRoom // and for the statistics: 8 numbers a lane
				continue
			}
			a.moments[system] = a.size
			a.size += (n/2 + 2) * line(n)
			room = max(room, n*(n+1)/2, 8*line(n))
		}
		rooms[s.warp(i)] = max(rooms[s.warp(i)], simd.RoundUp(room, 2))
	}
	starts := make([]int, len(rooms))
	for w, room := range rooms {
		starts[w] = a.factors
		a.factors += room
	}
	for i := range s.slots {
		a.rooms = append(a.rooms, starts[s.warp(i)])
	}
	return a
}

// warp returns the warp that has a slot: all slots of two systems share the last one.
func (s *shape) warp(slot int) int {
	n := 0
	for i, pair := range s.slots {
		if pair[1] >= 0 {
			continue
		}
		if i == slot {
			return n
		}
		n++
	}
	return n
}

// squareWarps is how many warps have least squares.
func (s *shape) squareWarps() (n int) {
	for i := range s.slots {
		n = max(n, s.warp(i)+1)
	}
	return n
}

// sources returns the unknowns of all systems where there are other sources than the newest samples; those of the least squares that are the
// channel's own newest samples; and how the rest divide into the other channel's, those around the lag, and the other channel's around it.
func (s *shape) sources(repeating, paired bool) (unknowns, own []int, rest [][3]int) {
	unknowns = slices.Clone(s.unknowns)
	for i, l := range s.squares {
		o, r := l.Own, [3]int{l.Other, 0, 0}
		if repeating {
			o, r = l.Repeating.Own, [3]int{l.Repeating.Other, l.Repeating.Around, l.Repeating.AroundOther}
		}
		if !paired {
			o, r[0], r[2] = o+r[0], 0, 0
		}
		unknowns[i] = o + r[0] + r[1] + r[2]
		own, rest = append(own, o), append(rest, r)
	}
	return unknowns, own, rest
}

// Form is how a preset's kernel is compiled.
type Form int

const (
	// Large has all that a segment works with in shared memory, and codes it to its end.
	Large Form = iota
	// Small has a part of it in the card's memory, so that it runs where a block may have 99 KB of shared memory, and codes in slices.
	Small
)

// Defines returns the macros that a form of a model's kernel is compiled with, each as NAME=VALUE, or why there can be none.
func Defines(m *network.Model, f Form) ([]string, error) {
	s, err := newShape(m)
	if err != nil {
		return nil, err
	}
	p, features := &s.description.Predictors, &s.description.Features
	var list []string
	add := func(name string, value any) { list = append(list, fmt.Sprintf("%s=%v", name, value)) }
	add("NLS", len(s.squares))
	add("NMIX", len(p.Mixers))
	mixed, all := 0, 0
	if len(p.Mixers) > 0 {
		mixed, all = len(s.mixed), len(s.mixed)+p.MixedSamples
	}
	add("MIXED", mixed)
	add("MIXN", all)
	add("NFILT", s.count)
	add("NCROSS", len(p.Cross))
	add("NTONE", len(p.Tones))
	for i, t := range p.Tones {
		add(fmt.Sprintf("TONE%d_ORDER", i), t.Order)
		add(fmt.Sprintf("TONE%d_EVERY", i), t.Every)
		add(fmt.Sprintf("TONE%d_RIDGE", i), t.Ridge)
	}
	if len(p.Tones) == 1 {
		add("TONE1_ORDER", 0)
		add("TONE1_EVERY", 1)
		add("TONE1_RIDGE", 1)
	}
	add("NPRED", s.predictions)
	add("FIRST_MIXER", s.firstMixer)
	add("STACKING", map[bool]int{true: 1}[p.Stacking != nil])
	if p.Stacking != nil {
		add("STACK_FORGET", p.Stacking.Forget)
		add("STACK_RIDGE", fmt.Sprintf("%v.", p.Stacking.Ridge))
	}
	add("INNOVATION", p.Innovation)
	add("REFERENCE", features.Reference)
	add("NEWEST", features.Newest)
	add("NSHOWN", len(features.Shown))
	add("UNITS", s.units)
	add("H1", s.hidden[0])
	add("H2", s.hidden[1])
	add("MOST_UNKNOWNS", s.most)
	add("SLOTS", len(s.slots))
	add("SWARPS", s.squareWarps())
	add("W_FLOATS", max(s.filters[0].weights, s.filters[1].weights))
	add("X_FLOATS", max(s.filters[0].inputs, s.filters[1].inputs))
	rows := 0
	for i := range s.filters {
		rows = max(rows, len(s.filters[i].rows[0]), len(s.filters[i].rows[2]))
	}
	add("ROWS", rows)
	add("TAPER_ROWS", s.taperRows)
	add("MOMENTS", s.usual.size)
	add("MOMENTS_GLOBAL", s.other.size)
	add("FACTORS", s.usual.factors)
	add("FACTORS_SHARED", map[bool]int{true: 1}[f == Large])
	add("MOMENTS_SHARED", map[bool]int{true: 1}[f == Large && s.small()])
	add("NETWORK_SHARED", map[bool]int{true: 1}[f == Large && !s.small()])
	add("USUAL_UNKNOWNS", slices.Max(s.unknowns))
	add("LS_WEIGHTS", s.weights[len(s.unknowns)])
	add("MIN_BLOCKS", s.blocks())
	if f == Small {
		add("SMALL", 1)
	}
	return list, nil
}

// blocks is how many blocks a multiprocessor should have at a time, as far as memory and registers go.
func (s *shape) blocks() int {
	switch {
	case !s.small():
		return 1
	case len(s.unknowns) == 1:
		return 4
	}
	return 2
}

// small reports whether two blocks fit into a multiprocessor.
func (s *shape) small() bool {
	return 8*(s.filters[0].weights+s.filters[0].inputs)+16*s.usual.size+8*s.usual.factors < 100<<10
}

func joined(defines []string) string { return strings.Join(defines, "\n") + "\n" }
