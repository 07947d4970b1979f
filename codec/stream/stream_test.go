package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"

	"trilobyte/codec/stream"
)

// deltaCoder is a small lossless coder: differences between neighbouring
// samples as zigzag varints. It is enough to exercise the stream.
type deltaCoder struct{}

func (deltaCoder) ID() [32]byte { return [32]byte{'d', 'e', 'l', 't', 'a'} }

func (deltaCoder) Encode(_ context.Context, samples [][]int32, bits int) ([]byte, error) {
	data := []byte{byte(bits)}
	for _, channel := range samples {
		last := int64(0)
		for _, v := range channel {
			data = binary.AppendVarint(data, int64(v)-last)
			last = int64(v)
		}
	}
	return data, nil
}

func (deltaCoder) Decode(_ context.Context, data []byte, channels, frames, bits int) ([][]int32, error) {
	if len(data) == 0 || int(data[0]) != bits {
		return nil, errors.New("other bits than encoded")
	}
	data = data[1:]
	samples := make([][]int32, channels)
	for c := range samples {
		last := int64(0)
		for range frames {
			v, n := binary.Varint(data)
			if n <= 0 {
				return nil, io.ErrUnexpectedEOF
			}
			data = data[n:]
			last += v
			samples[c] = append(samples[c], int32(last))
		}
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%d bytes too many", len(data))
	}
	return samples, nil
}

func newDelta(id [32]byte) (stream.SegmentCoder, error) {
	if c := (deltaCoder{}); id == c.ID() {
		return c, nil
	}
	return nil, errors.New("unknown model")
}

// encode returns the whole stream of a WAV file and checks that the raw bytes
// that the Encoder reports are the file.
func encode(t testing.TB, file []byte) []byte {
	t.Helper()
	e, err := stream.NewEncoder(bytes.NewReader(file), int64(len(file)), deltaCoder{})
	if err != nil {
		t.Fatal(err)
	}
	encoded, head, err := e.Prologue()
	if err != nil {
		t.Fatal(err)
	}
	raw := bytes.Clone(head)
	for i := range e.Segments() {
		s, err := e.Segment(context.Background(), i)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, s.Encoded...)
		raw = append(raw, s.Raw...)
	}
	var tail, rawTail bytes.Buffer
	if err := e.Epilogue(&tail, &rawTail); err != nil {
		t.Fatal(err)
	}
	if raw = append(raw, rawTail.Bytes()...); !bytes.Equal(raw, file) {
		t.Fatalf("the encoder's raw bytes (%d) are not the file (%d)", len(raw), len(file))
	}
	return append(encoded, tail.Bytes()...)
}

// decode returns the WAV file in a stream.
func decode(encoded []byte) ([]byte, error) {
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), newDelta)
	if err != nil {
		return nil, err
	}
	file, err := d.Prologue()
	if err != nil {
		return nil, err
	}
	for i := range d.Segments() {
		s, err := d.Segment(context.Background(), i)
		if err != nil {
			return nil, err
		}
		file = append(file, s.Raw...)
	}
	out := bytes.NewBuffer(file)
	err = d.Epilogue(out)
	return out.Bytes(), err
}

func TestSmallest(t *testing.T) {
	file := []byte("RIFF\x26\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x02\x00\x00\x00\x34\x12")
	encoded := encode(t, file)
	t.Logf("%d bytes: %x", len(encoded), encoded)
	back, err := decode(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back, file) {
		t.Fatalf("got % x, want % x", back, file)
	}
}
