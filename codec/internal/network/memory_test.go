package network_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/networktest"
	"trilobyte/codec/internal/simd"
)

// randomFeatures returns rows of features, of which some stay as they were for a while.
func randomFeatures(rows int) [][feature.Count]uint8 {
	random := rand.New(rand.NewPCG(7, 7))
	all := make([][feature.Count]uint8, rows)
	for r := range all {
		if r > 0 && r%100 >= 50 {
			all[r] = all[r-1]
			continue
		}
		for i := range all[r] {
			all[r][i] = uint8(random.Uint32())
		}
	}
	return all
}

// TestMemory checks what a memory must be whatever its weights are: the features come first, every path remembers the same,
// channels do not see each other, and what a constant input leaves is what fast averages reach at once.
func TestMemory(t *testing.T) {
	rows := randomFeatures(500)
	var want [][]uint8
	defer simd.Use(simd.InUse())
	for _, path := range simd.Paths() {
		if err := simd.Use(path); err != nil {
			t.Fatal(err)
		}
		m := load(t, networktest.WithMemory(1, 24, []int{0, 3, 7}, feature.Count+24, 33, mixture.Outputs))
		if m.Inputs() != feature.Count+24 {
			t.Fatalf("the network has %d inputs", m.Inputs())
		}
		memory, other := m.NewMemory(), m.NewMemory()
		var got [][]uint8
		for i := range rows {
			row := memory.Next(&rows[i])
			if len(row) != m.Inputs() || !slices.Equal(row[:feature.Count], rows[i][:]) {
				t.Fatalf("%s: row %d does not begin with its features", path, i)
			}
			got = append(got, slices.Clone(row))
			other.Next(&rows[len(rows)-1-i])
		}
		if want == nil {
			want = got
		}
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				t.Fatalf("%s: row %d is %v, on another path %v", path, i, got[i], want[i])
			}
		}
		testRemember(t, m, rows)
		fresh := m.NewMemory()
		at := slices.IndexFunc(want[499][feature.Count:][:8], func(v uint8) bool { return v > 0 })
		if at < 0 {
			t.Fatal("no unit is active")
		}
		if row := fresh.Next(&rows[499]); row[feature.Count+at] != want[499][feature.Count+at] {
			t.Errorf("%s: an average of rate 0 is not its unit", path)
		}
		if slow := want[499][feature.Count+8:]; slices.Equal(slow, fresh.Next(&rows[499])[feature.Count+8:]) {
			t.Errorf("%s: slow averages know nothing of the rows before", path)
		}
	}
}

// testRemember makes sure that the rows of two channels come out the same all at once as one at a time.
func testRemember(t *testing.T, m *network.Model, features [][feature.Count]uint8) {
	both := func() []*network.Memory { return []*network.Memory{m.NewMemory(), m.NewMemory()} }
	var want []uint8
	single := both()
	for i := range features {
		want = append(want, single[i%2].Next(&features[i])...)
	}
	got, memories, width := make([]uint8, len(want)), both(), m.Inputs()
	for i := range features {
		copy(got[i*width:], features[i][:])
	}
	for at := 0; at < len(features); at += 100 {
		network.Remember(memories, got[at*width:][:100*width])
	}
	if !slices.Equal(got, want) {
		t.Error("rows that are made together are not as those made one at a time")
	}
}

// A model without memory reads the features alone.
func TestNoMemory(t *testing.T) {
	m := load(t, random(1))
	rows := randomFeatures(2)
	testRemember(t, m, randomFeatures(100))
	if row := m.NewMemory().Next(&rows[1]); m.Inputs() != feature.Count || !slices.Equal(row, rows[1][:]) {
		t.Errorf("%d inputs, row %v", m.Inputs(), row)
	}
}

func BenchmarkMemory(b *testing.B) {
	m, err := network.Load(networktest.WithMemory(1, 64, []int{3, 5, 7, 10}, feature.Count+64, 96, 64, mixture.Outputs))
	if err != nil {
		b.Fatal(err)
	}
	memory, rows := m.NewMemory(), randomFeatures(64)
	for i := 0; b.Loop(); i++ {
		memory.Next(&rows[i%len(rows)])
	}
}
