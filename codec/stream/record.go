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

// How the original bytes are compressed in a record.
const (
	methodStored  = 0
	methodDeflate = 1 // RFC 1951
	methodCoded   = 2 // by the SegmentCoder
	methodFLAC    = 3 // by the SegmentCoder, followed by a recipe
	// methodReferred has the samples in another stream, and a recipe for FLAC frames.
	methodReferred = 4
	methodFrames   = 5 // what is in FLAC frames
)

const (
	// recordTag, with the method in its lower bits, is the first byte of a record.
	recordTag  = 0xD0
	methodMask = 0x0F

	minRecordHeader = 1 + 1 + 1 + 2*checksumSize
	maxRecordHeader = 1 + 2*binary.MaxVarintLen64 + 2*checksumSize

	// aloneHeader is the size of the header of the only record of a stream.
	aloneHeader = 1 + checksumSize
)

// recordHeader precedes the payload of a record.
type recordHeader struct {
	method      byte
	number      int64  // of the record in the stream, from 0
	payloadSize int64  // bytes
	sum         uint32 // CRC-32C of the payload and the original bytes
	size        int64  // of this header, in bytes
}

// newRecord returns a whole record, one of so many. The payload replaces the
// original bytes only if it is smaller than they are.
func newRecord(number, of int64, method byte, original, payload []byte) []byte {
	if len(payload) >= len(original) {
		method, payload = methodStored, original
	}
	b := make([]byte, 0, maxRecordHeader+len(payload))
	b = append(b, recordTag|method)
	if of > 1 {
		b = binary.AppendUvarint(b, uint64(number))
		b = binary.AppendUvarint(b, uint64(len(payload)))
	}
	b = binary.LittleEndian.AppendUint32(b, recordSum(payload, original))
	if of > 1 {
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	}
	return append(b, payload...)
}

// recordSum is the checksum of a payload and what it decodes to.
func recordSum(payload, original []byte) uint32 {
	return crc32.Update(crc32.Checksum(payload, castagnoli), castagnoli, original)
}

// parseRecordHeader reads the header at the beginning of b.
func parseRecordHeader(b []byte) (recordHeader, error) {
	if len(b) == 0 {
		return recordHeader{}, errEnds
	}
	h := recordHeader{method: b[0] & methodMask}
	if b[0]&^methodMask != recordTag {
		return recordHeader{}, errors.New("no record begins there")
	}
	at := 1
	for _, field := range []*int64{&h.number, &h.payloadSize} {
		v, n := binary.Uvarint(b[at:])
		if n == 0 {
			return recordHeader{}, errEnds
		}
		if n < 0 || v > 1<<62 {
			return recordHeader{}, errors.New("an impossible size")
		}
		*field = int64(v)
		at += n
	}
	if len(b) < at+2*checksumSize {
		return recordHeader{}, errEnds
	}
	h.sum = binary.LittleEndian.Uint32(b[at:])
	at += checksumSize
	if crc32.Checksum(b[:at], castagnoli) != binary.LittleEndian.Uint32(b[at:]) {
		return recordHeader{}, errors.New("checksum mismatch in the record header")
	}
	h.size = int64(at + checksumSize)
	return h, nil
}

var errEnds = errors.New("the data ends before it does")

// check compares h with what is to come: record number i, of the part at p.
func (h recordHeader) check(i int64, p Place) error {
	switch {
	case h.number != i:
		return fmt.Errorf("another record (number %d) stands in its place", h.number)
	case h.method == methodStored && h.payloadSize == p.Size:
	case h.payloadSize < p.Size && h.method == methodOf(p):
	case h.payloadSize < p.Size && h.method == methodFrames && mayBeFrames(p):
	default:
		return fmt.Errorf("method %d with %d bytes is impossible", h.method, h.payloadSize)
	}
	return nil
}

// deflate compresses bytes. The compressor is one of the module's dependencies,
// and not the standard library's, so that the bytes it makes do not change with
// the Go release.
func deflate(original []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(original); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// inflate is the inverse of deflate, for size bytes.
func inflate(payload []byte, size int64) ([]byte, error) {
	in := bytes.NewReader(payload)
	r := flate.NewReader(in)
	defer r.Close()
	original, err := io.ReadAll(io.LimitReader(r, size+1))
	if err != nil {
		return nil, fmt.Errorf("inflating: %w", err)
	}
	if int64(len(original)) != size || in.Len() > 0 {
		return nil, errors.New("it inflates to another size than its own")
	}
	return original, nil
}
