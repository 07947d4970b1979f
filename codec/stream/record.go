package stream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// What a record holds.
const (
	kindHead    = 'H'
	kindSegment = 'S'
	kindTail    = 'T'
)

// How the original bytes are compressed in a record.
const (
	methodStored  = 0
	methodDeflate = 1 // RFC 1951; head and tail only
	methodCoded   = 2 // by the SegmentCoder; segments only
)

const (
	recordHeaderSize = 28

	// pieceSize is how many bytes of the head or the tail a record holds, but
	// for the last one, which holds the rest.
	pieceSize = 1 << 20
)

// recordHeader precedes the payload of a record.
type recordHeader struct {
	kind        byte
	method      byte
	number      uint32 // of the record among those of its kind, from 0
	count       uint32 // frames of a segment, otherwise original bytes
	payloadSize uint32 // bytes
	payloadCRC  uint32 // CRC-32C of the payload
	originalCRC uint32 // CRC-32C of the original bytes
}

// newRecord returns a whole record. The payload replaces the original bytes
// only if it is smaller than they are.
func newRecord(kind, method byte, number int64, count int, original, payload []byte) []byte {
	if len(payload) >= len(original) {
		method, payload = methodStored, original
	}
	b := make([]byte, 0, recordHeaderSize+len(payload))
	b = append(b, kind, method, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(number))
	b = binary.LittleEndian.AppendUint32(b, uint32(count))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(payload, castagnoli))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(original, castagnoli))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	return append(b, payload...)
}

// parseRecordHeader reads the recordHeaderSize bytes of a record header.
func parseRecordHeader(b []byte) (recordHeader, error) {
	const crcOffset = recordHeaderSize - 4
	if crc32.Checksum(b[:crcOffset], castagnoli) != binary.LittleEndian.Uint32(b[crcOffset:]) {
		return recordHeader{}, errors.New("checksum mismatch in the record header")
	}
	if b[2] != 0 || b[3] != 0 {
		return recordHeader{}, errors.New("reserved bytes of the record header are not 0")
	}
	return recordHeader{
		kind:        b[0],
		method:      b[1],
		number:      binary.LittleEndian.Uint32(b[4:]),
		count:       binary.LittleEndian.Uint32(b[8:]),
		payloadSize: binary.LittleEndian.Uint32(b[12:]),
		payloadCRC:  binary.LittleEndian.Uint32(b[16:]),
		originalCRC: binary.LittleEndian.Uint32(b[20:]),
	}, nil
}

// check compares h with what is to come: record number of that kind, with
// count frames or bytes that are originalSize bytes in the WAV file.
func (h recordHeader) check(kind byte, number, count, originalSize int64) error {
	compressed := byte(methodDeflate)
	if kind == kindSegment {
		compressed = methodCoded
	}
	size := int64(h.payloadSize)
	switch {
	case h.kind != kind || h.number != uint32(number):
		return fmt.Errorf("another record (kind %q, number %d) stands in its place", h.kind, h.number)
	case int64(h.count) != count:
		return fmt.Errorf("its length is %d instead of %d", h.count, count)
	case h.method == methodStored && size == originalSize:
	case h.method == compressed && size < originalSize:
	default:
		return fmt.Errorf("method %d with %d bytes is impossible", h.method, size)
	}
	return nil
}

// deflate compresses a piece of a head or tail. The compressor is one of the
// module's dependencies, and not the standard library's, so that the bytes it
// makes do not change with the Go release.
func deflate(piece []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(piece); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// inflate is the inverse of deflate, for a piece of size bytes.
func inflate(payload []byte, size int64) ([]byte, error) {
	in := bytes.NewReader(payload)
	r := flate.NewReader(in)
	defer r.Close()
	piece, err := io.ReadAll(io.LimitReader(r, size+1))
	if err != nil {
		return nil, fmt.Errorf("inflating: %w", err)
	}
	if int64(len(piece)) != size || in.Len() > 0 {
		return nil, errors.New("it inflates to another size than its own")
	}
	return piece, nil
}
