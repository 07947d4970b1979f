package kernel

import (
	"encoding/binary"
	"math"
)

// memory is bytes as a structure of C has them in memory, little end first.
type memory struct{ b []byte }

func (m *memory) int(values ...int) {
	for _, v := range values {
		m.b = binary.LittleEndian.AppendUint32(m.b, uint32(int32(v)))
	}
}
func (m *memory) bool(v bool) {
	if v {
		m.int(1)
		return
	}
	m.int(0)
}
func (m *memory) long(values ...uint64) {
	for _, v := range values {
		m.b = binary.LittleEndian.AppendUint64(m.b, v)
	}
}
func (m *memory) double(values ...float64) {
	for _, v := range values {
		m.long(math.Float64bits(v))
	}
}
func (m *memory) float(v float32) { m.b = binary.LittleEndian.AppendUint32(m.b, math.Float32bits(v)) }
func (m *memory) zeros(n int)     { m.b = append(m.b, make([]byte, n)...) }

// align appends zeros up to a multiple of n bytes, and returns where that is.
func (m *memory) align(n int) int {
	m.zeros((n - len(m.b)%n) % n)
	return len(m.b)
}
