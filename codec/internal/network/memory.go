package network

import (
	"trilobyte/codec/internal/cacheline"
	"trilobyte/codec/internal/feature"
)

// Memory makes the network's rows of one channel: the features of a sample and, behind them, what the model remembers. That
// is leaky averages, over this sample and those before, of the units with which a layer of the model, the observer, watches
// the features. FORMAT.md defines it.
type Memory struct {
	observer *affine // nil if the model has no memory
	averages *averages
	units    []uint8 // of rowsAtOnce rows
	row      []uint8 // with room for what kernels write behind it
	inputs   int
}

// Remembers reports whether the network has a memory.
func (m *Model) Remembers() bool { return m.observer != nil }

// NewMemory returns a memory at the beginning of a channel's segment.
func (m *Model) NewMemory() *Memory {
	if !m.Remembers() {
		return &Memory{}
	}
	padded := paddedUnits(len(m.rates))
	return &Memory{
		observer: m.watching,
		averages: newAverages(m.rates),
		units:    make([]uint8, rowsAtOnce*padded),
		row:      cacheline.Make[uint8](feature.Count + padded),
		inputs:   m.Inputs(),
	}
}

// Next returns the network's row for the next sample, m.Inputs() bytes of model m. It is valid until the next call, and as
// long as the features are.
func (m *Memory) Next(features *[feature.Count]uint8) []uint8 {
	if m.observer == nil {
		return features[:]
	}
	m.observer.Activate(1, features[:], feature.Count, m.units, len(m.row)-feature.Count)
	copy(m.row, features[:])
	m.averages.Update(m.units, m.row[feature.Count:])
	return m.row[:m.inputs]
}

// Remember is Next for many rows, and faster: rows are the network's rows of channels that take turns, of which the features are
// there and the rest is added. memories are those of the channels, of one model.
func Remember(memories []*Memory, rows []uint8) {
	first := memories[0]
	if first.observer == nil {
		return
	}
	inputs, padded := first.inputs, len(first.row)-feature.Count
	channel := 0
	for len(rows) > 0 {
		n := min(rowsAtOnce, len(rows)/inputs)
		first.observer.Activate(n, rows, inputs, first.units, padded)
		for i := range n {
			m := memories[channel]
			m.averages.Update(first.units[i*padded:], m.row[feature.Count:])
			copy(rows[feature.Count:inputs], m.row[feature.Count:])
			rows, channel = rows[inputs:], (channel+1)%len(memories)
		}
	}
}
