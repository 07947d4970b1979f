package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"
)

// header returns a header with these spans, and right checksums.
func header(spans ...byte) []byte {
	name := stream.NameOf(silenceCoder{}.ID())
	body := append(name[:], spans...)
	b := append(binary.AppendUvarint(nil, uint64(len(body))<<3|1), body...)
	b = append(b, make([]byte, 4)...)
	reseal(b)
	return b
}

// TestImpossibleHeaders has headers that no encoder writes, with right checksums.
func TestImpossibleHeaders(t *testing.T) {
	const kept, short, usual, audio, width2 = 0, 1, 2, 0x80, 1 << 2
	huge := []byte{255, 255, 255, 255, 255, 255, 255, 255, 127}
	newer := header(kept, 1)
	newer[0]++
	reseal(newer)
	tests := []struct {
		name    string
		encoded []byte
		want    string
	}{
		{"newer version", newer, "update Trilobyte"},
		{"no spans", header(), "no spans"},
		{"unknown span", header(5), "kind 5"},
		{"reference that ends", header(4, 1, 7, 7, 7, 7, 1), "ends within"},
		{"reference of what is kept", header(4, 1, 7, 7, 7, 7, 1, 32, kept, 1), "only audio can refer"},
		{"reference of a reference", header(4, 1, 7, 7, 7, 7, 1, 32, 4, 1, 7, 7, 7, 7, 1, 32, audio|width2, 1, 8, 1, 0, 0), "only audio can refer"},
		{"reference of a usual format", header(4, 1, 7, 7, 7, 7, 1, 32, 0x47, 1, 0, 0), "only audio can refer"},
		{"reference without channels", header(4, 1, 7, 7, 7, 7, 1, 32, audio|width2, 2, 8, 1, 0, 0), "ends within"},
		{"reference of no frames", header(4, 1, 7, 7, 7, 7, 1, 32, audio|width2, 1, 8, 0, 0, 0), "no bytes"},
		{"reference shifted by 16 of 16 bits", header(4, 1, 7, 7, 7, 7, 1, 48, audio|width2, 1, 8, 1, 0, 0), "shifted by 16 bits"},
		{"reference shifted by -32 bits", header(4, 1, 7, 7, 7, 7, 1, 0, audio|width2, 1, 8, 1, 0, 0), "shifted by -32 bits"},
		{"reference of shifted mu-law", header(4, 1, 7, 7, 7, 7, 1, 33, audio|2, 1, 8, 1, 0, 0), "shifted by 1 bits"},
		{"reference of negated mu-law", header(4, 1, 7, 7, 7, 7, 1, 32+64, audio|2, 1, 8, 1, 0, 0), "is impossible"},
		{"reference of floats of 8 bytes", header(4, 1, 7, 7, 7, 7, 1, 32, audio|7<<2|1, 1, 8, 1, 0, 0), "is impossible"},
		{"reference behind all frames", header(slices.Concat([]byte{4, 1, 7, 7, 7, 7}, huge, []byte{32, audio | width2, 1, 8, 1, 0, 0})...), "is impossible"},
		{"last unknown span", header(0x3F), "kind 63"},
		{"usual format in second place", header(kept, 1, 0x47, 1), "kind 71"},
		{"usual format without frames", header(0x47, 0), "no bytes"},
		{"usual format that ends", header(0x47), "ends within"},
		{"usual format of too many frames", header(append([]byte{0x47}, huge...)...), "is impossible"},
		{"usual head in second place", header(kept, 1, usual, audio, 1, 8, 1, 0), "kind 2"},
		{"usual head alone", header(usual), "does not belong"},
		{"usual head before what is kept", header(usual, kept, 1), "does not belong"},
		{"usual head before mu-law", header(usual, audio|2, 1, 8, 1, 0), "does not belong"},
		{"usual head before signed bytes", header(usual, audio, 1, 8, 1, 0), "does not belong"},
		{"empty span", header(kept, 0), "no bytes"},
		{"empty short span", header(short, 0), "no bytes"},
		{"short span without its bytes", header(short, 2, 1), "ends within"},
		{"size that does not end", header(kept, 0x80), "ends within"},
		{"audio that ends", header(audio|width2, 2, 8), "ends within"},
		{"integers of 5 bytes", header(audio|4<<2, 1, 8, 1, 0), "5 bytes"},
		{"floats of 2 bytes", header(audio|1<<2|1, 1, 8, 1, 0), "2 bytes"},
		{"companded of 2 bytes", header(audio|1<<2|2, 1, 8, 1, 0), "2 bytes"},
		{"big-endian bytes", header(audio|1<<5, 1, 8, 1, 0), "byte order"},
		{"unsigned of 2 bytes", header(audio|1<<6|width2, 1, 8, 1, 0), "unsigned"},
		{"no channels", header(audio|width2, 0, 8, 1, 0), "0 channels"},
		{"no sample rate", header(audio|width2, 1, 0, 0, 1, 0), "0 Hz"},
		{"unknown sample rate", header(audio|width2, 1, 17, 1, 0), "0 Hz"},
		{"no valid bits", header(audio|width2, 1, 8|0x80, 16, 1, 0), "0 valid bits"},
		{"no frames", header(audio|width2, 1, 8, 0, 0), "no bytes"},
		{"too many frames", header(append([]byte{audio | width2, 1, 8}, append(huge, 0)...)...), "is impossible"},
		{"large segments", header(audio|width2, 2, 8, 0x81, 0x80, 0x80, 2, 0), "segments of 4194305 frames"},
		{"large segments that are named", header(audio|width2, 2, 8, 0x82, 0x80, 0x80, 2, 0x81, 0x80, 0x80, 2), "segments of 4194305 frames"},
		{"more than int64 together", header(slices.Concat([]byte{kept}, huge, []byte{kept}, huge)...), "is impossible"},
		{"larger than may be", []byte{0x89, 0x80, 0x80, 4}, "does not begin"},
		{"a body that is not there", []byte{0x59}, "the data ends"},
	}
	for _, test := range tests {
		errs := readAll(test.encoded)
		if len(errs) == 0 || !strings.Contains(errs[0].Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, errs, test.want)
		}
	}
	if errs := readAll(newer); !errors.Is(errs[0], stream.ErrVersion) {
		t.Errorf("newer version: got %v, want ErrVersion", errs)
	}
	other := header(kept, 1)
	other[1]++
	reseal(other)
	if errs := readAll(append(other, 0xD0, 0, 0, 0, 0, 0)); len(errs) != 1 || !strings.Contains(errs[0].Error(), "unknown model") {
		t.Errorf("another model: got %v", errs)
	}
}

// TestImpossibleRecords damages record headers in ways that no checksum shows.
func TestImpossibleRecords(t *testing.T) {
	_, encoded := small(t)
	list := records(encoded)
	head, segment := list[0], list[1]
	with := func(r record, at int, b ...byte) []byte {
		c := slices.Clone(encoded)
		copy(c[r.start+at:], b)
		reseal(c[r.start : r.start+r.header])
		return c
	}
	tests := []struct {
		name    string
		encoded []byte
		want    string
	}{
		{"another tag", with(segment, 0, 0xE2), "no record begins"},
		{"another number", with(segment, 1, 2), "another record"},
		{"unknown method", with(segment, 0, 0xD9), "method 9"},
		{"deflated segment", with(segment, 0, 0xD1), "method 1"},
		{"stored segment of another size", with(segment, 0, 0xD0), "method 0"},
		{"coded head", with(head, 0, 0xD2), "method 2"},
		{"payload beyond the end", with(list[3], 2, 70), "the data ends"},
		{"another sum", with(segment, segment.header-8, 1, 2, 3, 4), "checksum mismatch"},
	}
	for _, test := range tests {
		errs := readAll(test.encoded)
		if len(errs) == 0 || !strings.Contains(errs[0].Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, errs, test.want)
		}
	}
}

// TestClaimsAllocateLittle decodes headers that claim almost 2^63 bytes.
func TestClaimsAllocateLittle(t *testing.T) {
	huge := []byte{255, 255, 255, 255, 255, 255, 255, 63}
	for _, encoded := range [][]byte{
		header(append([]byte{0}, huge...)...),
		header(slices.Concat([]byte{0x80, 1, 8}, huge, []byte{1})...),
	} {
		encoded = append(encoded, make([]byte, 1000)...)
		for name, open := range map[string]func() error{
			"decoding": func() error { return errors.Join(readAll(encoded)...) },
			"salvage": func() error {
				_, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), coders)
				return err
			},
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := open()
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Errorf("%s: a claim is believed", name)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
				t.Errorf("%s: %d bytes allocated for a stream of %d", name, used, len(encoded))
			}
		}
	}
}

func TestWrongDecoder(t *testing.T) {
	_, encoded := small(t)
	for _, samples := range [][][]int32{nil, make([][]int32, 2), make([][]int32, 1), {{1, 2, 3, 4}}} {
		d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), func(stream.ModelName) (stream.SegmentCoder, error) {
			return shapes{samples: samples}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Part(context.Background(), 2, nil); err == nil || !strings.Contains(err.Error(), "segment 2 of 2") {
			t.Errorf("%d channels: got %v", len(samples), err)
		}
	}
	_, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), func(stream.ModelName) (stream.SegmentCoder, error) {
		return deltaCoder{}, nil
	})
	if err == nil {
		t.Error("a coder for another model is accepted")
	}
}

// TestForgedCompanded has a coder return values that no companded sample has.
func TestForgedCompanded(t *testing.T) {
	f := recording.Format{Kind: recording.MuLaw, Width: 1, ValidBits: 8, Channels: 1, SampleRate: 8000}
	encoded := encodeWith(t, recordingtest.File("au", f, make([]byte, 100)), odd{})
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), func(stream.ModelName) (stream.SegmentCoder, error) {
		return odd{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Part(context.Background(), 1, nil); err == nil || !strings.Contains(err.Error(), "a value that its kind does not have") {
		t.Errorf("got %v", err)
	}
}
