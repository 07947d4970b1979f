package float

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"

	"trilobyte/codec/internal/segment"
)

// deflate compresses samples, frame after frame, with DEFLATE (RFC 1951).
func deflate[T uint32 | uint64](samples [][]T) []byte {
	size := int(widthOf[T]()) / 8
	raw := make([]byte, 0, len(samples)*len(samples[0])*size)
	for i := range samples[0] {
		for _, channel := range samples {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(channel[i]))[:len(raw)+size]
		}
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err == nil {
		_, err = w.Write(raw)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // the level is right, and memory does not fail
	}
	return out.Bytes()
}

// inflate is the inverse of deflate.
func inflate[T uint32 | uint64](data []byte, channels, frames int) ([][]T, error) {
	size := int(widthOf[T]()) / 8
	raw := make([]byte, channels*frames*size)
	in := bytes.NewReader(data)
	r := flate.NewReader(in)
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, fmt.Errorf("%w: its floats do not inflate: %w", segment.ErrDamaged, err)
	}
	if n, err := r.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		return nil, fmt.Errorf("%w: it has more floats than there are samples", segment.ErrDamaged)
	}
	if in.Len() > 0 {
		return nil, fmt.Errorf("%w: something follows its floats", segment.ErrDamaged)
	}
	samples := make([][]T, channels)
	for c := range samples {
		samples[c] = make([]T, frames)
		for i := range samples[c] {
			at := raw[(i*channels+c)*size:]
			if size == 4 {
				samples[c][i] = T(binary.LittleEndian.Uint32(at))
			} else {
				samples[c][i] = T(binary.LittleEndian.Uint64(at))
			}
		}
	}
	return samples, nil
}
