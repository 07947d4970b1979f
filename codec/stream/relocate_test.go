package stream_test

import (
	"bytes"
	"reflect"
	"testing"

	"trilobyte/codec/stream"
)

// TestStreamsAreRelocated has a stream refer to another place, and back.
func TestStreamsAreRelocated(t *testing.T) {
	samples := tune(2, 60_000)
	source := wave(integers(2, 8000, 16), samples, 0)
	want := []stream.Stretch{
		{Start: 0, Frames: 20_000, Reference: stream.Reference{Source: 1, Sum: 7, First: 0, Channels: []int{0, 1}}},
		{Start: 30_000, Frames: 30_000, Reference: stream.Reference{Source: 1, Sum: 7, First: 30_000, Channels: []int{0, 1}}},
	}
	original := referring(t, source, want...)
	h, err := stream.ReadHeader(bytes.NewReader(original), int64(len(original)))
	if err != nil || !reflect.DeepEqual(h.Stretches(), want) {
		t.Fatalf("its stretches are %+v, want %+v; %v", h.Stretches(), want, err)
	}
	to := func(encoded []byte, place int64) []byte {
		begin, replaced, err := stream.Relocate(bytes.NewReader(encoded), int64(len(encoded)), func(r stream.Reference) (stream.Reference, error) {
			r.Source = place
			return r, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return append(begin, encoded[replaced:]...)
	}
	const far = 1 << 40
	moved := to(original, far)
	whole := referring(t, source)
	if raw, err := decodeWith(moved, library{far: whole}); err != nil || !bytes.Equal(raw, source) {
		t.Errorf("relocated, it does not come back: %v", err)
	}
	if _, err := decodeWith(moved, library{1: whole}); err == nil {
		t.Error("relocated, it still refers to the old place")
	}
	if !bytes.Equal(to(moved, 1), original) {
		t.Error("back in its place, it is another one")
	}
	same, err := stream.ReadHeader(bytes.NewReader(moved), int64(len(moved)))
	for i, s := range same.Stretches() {
		if err != nil || s.Source != far || !s.SamePart(want[i]) {
			t.Errorf("relocated, stretch %d is %+v; %v", i, s, err)
		}
	}
}
