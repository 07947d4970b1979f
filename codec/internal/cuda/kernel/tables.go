package kernel

import (
	"unsafe"

	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/entropy/symbol"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/fixed"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/simd"
)

// tables returns what all segments of a model have in common: Tables in source/layout.cuh.
func (s *shape) tables(m *network.Model) []byte {
	var out memory
	s.writeNetwork(&out, m)
	out.double(unsafe.Slice(mixture.Table(), 769)...)
	out.double(0)
	logarithms, sixteenths, twentieths := fixed.Tables()
	out.double(sixteenths[:]...)
	out.double(twentieths[:]...)
	for lag := halfLanes * s.taperRows; lag > 0; lag-- {
		out.float(float32(fixed.PowMinus08(float64(lag))))
	}
	for range halfLanes {
		out.float(1)
	}
	out.align(16)
	rows := 0
	for i := range s.filters {
		rows = max(rows, len(s.filters[i].rows[0]), len(s.filters[i].rows[2]))
	}
	for i := range s.filters {
		s.filters[i].write(&out, rows, s.taperRows)
	}
	out.ints(s.description.Features.Shown, 16)
	out.ints(s.mixed, 32)
	stretch, squash, shares := symbol.EstimationTables()
	for _, v := range stretch {
		out.b = append(out.b, byte(v), byte(v>>8))
	}
	for _, v := range squash {
		out.int(int(v))
	}
	out.zeros(4 * (132 - len(squash)))
	for _, v := range shares {
		out.int(int(v))
	}
	out.b = append(out.b, logarithms[:]...)
	out.align(16)
	return out.b
}

// ints appends so many ints, of which the last may be missing.
func (m *memory) ints(list []int, n int) {
	m.int(list[:min(n, len(list))]...)
	m.zeros(4 * max(0, n-len(list)))
}

func (f *filterSet) write(out *memory, rows, tapers int) {
	for i := range mostLanes {
		if i >= len(f.lanes) {
			out.int(16)
			out.float(0)
			out.int(0, i, -1, -1, 0, 0, -1, 0, 0, 0)
			continue
		}
		l := &f.lanes[i]
		out.int(l.Taps)
		out.float(l.Mu)
		h := f.histories[l.history]
		start := -1
		if l.writes || l.others && i == len(f.lanes)-1 { // of a reference
			start = h.start
		}
		out.int(l.stage, l.head, l.base, start, h.longest, l.newest, l.partner)
		out.bool(l.robust)
		out.bool(l.Decaying)
		out.int(0)
	}
	for half := range f.rows {
		for r := range f.rows[half] {
			out.int(int(f.tapered(half, r, tapers)))
		}
		out.zeros(4 * (rows - len(f.rows[half])))
	}
	out.int(len(f.rows[0]), len(f.rows[2]), 0, 0)
	out.int(f.halves[:]...)
	for i := range mostLanes {
		if i < len(f.lanes) {
			out.int(f.lanes[i].half)
		} else {
			out.int(-1)
		}
	}
	if f.long >= 0 {
		l := f.lanes[f.long]
		out.int(f.long, l.Taps, f.histories[l.history].start, 0)
	} else {
		out.int(-1, 0, -1, 0)
	}
	out.int(len(f.histories), 0, 0, 0)
	for i := range mostMoved {
		if i < len(f.histories) {
			out.int(f.histories[i].start, f.histories[i].longest)
		} else {
			out.int(0, 0)
		}
	}
	out.align(16)
}

// The threads that compute the network.
const networkThreads = 128

// writeNetwork writes the weights as the threads take them, 16 inputs at a time, then the other numbers.
func (s *shape) writeNetwork(out *memory, m *network.Model) {
	layers := m.Layers()
	observer, rates, remembers := m.Observer()
	chunk := func(l network.Layer, output, first int) {
		for i := first; i < first+16; i++ {
			w := int8(0)
			if output < l.Outputs && i < l.Inputs {
				w = l.Weights[output*l.Inputs+i]
			}
			out.b = append(out.b, byte(w))
		}
	}
	if remembers {
		for i := range 3 {
			for t := range networkThreads {
				chunk(observer, t/2, 16*(3*(t%2)+i))
			}
		}
	} else {
		out.zeros(16)
	}
	for i := range (feature.Count + s.units) / 16 {
		for o := range s.hidden[0] {
			chunk(layers[0], o, 16*i)
		}
	}
	last := layers[len(layers)-1]
	if s.hidden[1] > 0 {
		split := 1
		if s.hidden[1] <= 64 {
			split = 2
		}
		chunks := s.hidden[0] / 16 / split
		for i := range chunks {
			for t := range split * s.hidden[1] {
				chunk(layers[1], t/split, 16*(chunks*(t%split)+i))
			}
		}
	} else {
		out.zeros(16)
	}
	for k := range 2 {
		for i := range last.Inputs / 16 {
			for t := range warpLanes {
				output := 24*k + t
				if k == 0 && t >= 24 {
					output = last.Outputs
				}
				chunk(last, output, 16*i)
			}
		}
	}
	for o := range 64 {
		if remembers {
			out.int(int(observer.Bias[o]), int(observer.Shift[o]), int(rates[o]), 0)
		} else {
			out.int(0, 0, 0, 0)
		}
	}
	biases := func(l network.Layer, first, n, outputs int) {
		for o := first; o < first+n; o++ {
			if o < outputs {
				out.int(int(l.Bias[o]), int(l.Shift[o]))
			} else {
				out.int(0, 0)
			}
		}
	}
	biases(layers[0], 0, simd.RoundUp(s.hidden[0], networkThreads), layers[0].Outputs)
	if s.hidden[1] > 0 {
		biases(layers[1], 0, networkThreads, layers[1].Outputs)
	} else {
		biases(last, 0, networkThreads, 0)
	}
	biases(last, 0, warpLanes, 24)
	biases(last, 24, warpLanes, last.Outputs)
}
