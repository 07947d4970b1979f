package alphabet

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/internal/entropy/rangecoder"
)

func TestListComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfNDistinct(rapid.Int64Range(-1<<31, 1<<31-1), 2, 300, rapid.ID).Draw(t, "steps")
		slices.Sort(steps)
		set := Listed(steps)
		e := rangecoder.NewEncoder(nil)
		set.Write(e)
		got, err := ReadListed(rangecoder.NewDecoder(e.Finish()), set.Low, set.High, len(steps))
		if err != nil {
			t.Fatal(err)
		}
		if got.Len() != int64(len(steps)) {
			t.Fatalf("%d steps came back, want %d", got.Len(), len(steps))
		}
		for rank, step := range steps {
			if got.Step(int64(rank)) != step || got.Rank(step) != int64(rank) {
				t.Fatalf("rank %d is step %d, want %d", rank, got.Step(int64(rank)), step)
			}
		}
	})
}

func TestReadListedRefusesWhatIsTooLong(t *testing.T) {
	set := Listed([]int64{0, 1, 2, 3, 9})
	e := rangecoder.NewEncoder(nil)
	set.Write(e)
	if _, err := ReadListed(rangecoder.NewDecoder(e.Finish()), 0, 9, 4); err == nil {
		t.Error("a list of 5 is accepted where 4 is the most")
	}
}

func TestBoundariesLieHalfway(t *testing.T) {
	listed, dense := Listed([]int64{-4, 0, 10}), Dense(-1, 1)
	for _, c := range []struct {
		set  *Set
		want []float64
	}{
		{&listed, []float64{math.Inf(-1), -2, 5, math.Inf(1)}},
		{&dense, []float64{math.Inf(-1), -0.5, 0.5, math.Inf(1)}},
	} {
		for rank, want := range c.want {
			if got := c.set.Boundary(int64(rank)); got != want {
				t.Errorf("boundary %d is %v, want %v", rank, got, want)
			}
		}
	}
}
