package kernel

import (
	"errors"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/predictor"
)

// TestRefusals checks that what the kernel cannot code, or what is damaged, is left to the processor.
func TestRefusals(t *testing.T) {
	m, err := network.Load(assets.Default)
	if err != nil {
		t.Fatal(err)
	}
	k, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	track := Track{Low: -5, High: 5, Stream: []byte{1, 2, 3}}
	one := func(change func(s *Segment, t *Track)) *Segment {
		t := track
		s := &Segment{Frames: 10, Groups: []Group{{Tracks: []Track{t}}}}
		change(s, &s.Groups[0].Tracks[0])
		return s
	}
	for name, s := range map[string]*Segment{
		"no frames":          one(func(s *Segment, t *Track) { s.Frames = 0 }),
		"no groups":          one(func(s *Segment, t *Track) { s.Groups = nil }),
		"one step":           one(func(s *Segment, t *Track) { t.High = t.Low }),
		"steps of 33 bits":   one(func(s *Segment, t *Track) { t.High = 1 << 32 }),
		"a list cut off":     one(func(s *Segment, t *Track) { t.List, t.Stream = []int64{-5, 5}, []byte{200} }),
		"a list that is bad": one(func(s *Segment, t *Track) { t.List, t.SSE, t.High = []int64{-5, 5}, true, 1<<31-1 }),
	} {
		if _, err := k.Request(s); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, err := k.Request(one(func(s *Segment, t *Track) { t.Start = predictor.Start{Reflections: []int8{3}} }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Result(make([]byte, r.Output)); err == nil {
		t.Error("a segment that nothing was done about has a result")
	}
	if _, err := r.Result(nil); err == nil {
		t.Error("a result of no bytes")
	}
}

// TestUnknownModel checks that a model with other predictors than those of a preset has no kernel.
func TestUnknownModel(t *testing.T) {
	m, err := network.Load(assets.Default)
	if err != nil {
		t.Fatal(err)
	}
	d := *m.Description()
	d.Predictors.Innovation = 0.25
	file, err := network.Redescribe(m.File(), d.Text())
	if err != nil {
		t.Fatal(err)
	}
	if m, err = network.Load(file); err != nil {
		t.Fatal(err)
	}
	if _, err := New(m); !errors.Is(err, ErrRefused) {
		t.Errorf("another model: %v", err)
	}
}
