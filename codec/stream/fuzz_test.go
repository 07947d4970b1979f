package stream_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"
)

func FuzzNewDecoder(f *testing.F) {
	sequential(f)
	for _, c := range recordingtest.Cases() {
		if len(c.Audio) > 0 && len(c.Bytes) < 8000 {
			f.Add(encode(f, c.Bytes))
		}
	}
	f.Add(referring(f, wave(integers(1, 8000, 16), tune(1, 300), 0), stream.Stretch{Frames: 200, Reference: stream.Reference{Channels: []int{0}}}))
	_, encoded := silentFLAC(f)
	f.Add(encoded)
	f.Add(beside(f, recordingtest.WAV(integers(2, 8000, 16), noiseThatStops(2, 9, 20, 100)), hopelessCoder{}))
	others := library{0: encode(f, wave(integers(2, 8000, 16), tune(2, 3000), 0))}
	file := flacFile(f, flac.Format{Channels: 2, Bits: 16, SampleRate: 8000}, tune(2, 2000))
	e, err := stream.NewFLACEncoder(context.Background(), bytes.NewReader(file), int64(len(file)), deltaCoder{}, 2, nil)
	if err != nil {
		f.Fatal(err)
	}
	e.Refer(stream.Reference{Channels: []int{0, 1}})
	f.Add(wholeOf(f, e, e.Begin()))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		// Let the fuzzer past the checksums.
		encoded = slices.Clone(encoded)
		resealAll(encoded)
		d, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), func(name stream.ModelName) (stream.SegmentCoder, error) {
			return anyModel{name: name}, nil
		})
		if err != nil {
			return
		}
		d.Refer(others)
		var size int64
		for i := range d.Parts() {
			if i > 1000 {
				return
			}
			p, err := d.Part(context.Background(), i, nil)
			if err != nil {
				p = stream.Part{Raw: make([]byte, d.Place(i).Size)}
			}
			size += int64(len(p.Raw))
		}
		if size != d.Header().Size() {
			t.Errorf("%d bytes decode, %d were declared", size, d.Header().Size())
		}
	})
}
