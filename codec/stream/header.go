package stream

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"trilobyte/codec/wav"
)

// Version is the newest version of the format. The Encoder writes it for files
// with the usual head, and version 1, which has records for every head, for others.
const Version = 2

// Header describes a stream and the WAV file in it.
type Header struct {
	Format        wav.Format
	Frames        int64    // of the whole audio
	SegmentFrames int      // of every segment but the last, which has the rest
	HeadSize      int64    // bytes of the WAV file before its audio
	UsualHead     bool     // they follow from the rest of the header, and are not stored
	TailSize      int64    // bytes of the WAV file after its audio
	Model         [32]byte // identity (SHA-256) of the model that the segments are coded with
}

const (
	magic      = "TBWV"
	headerSize = 76

	// maxHeadSize bounds what has to be in memory at once, since the head is
	// one piece for the users of this package.
	maxHeadSize = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Size is the size in bytes of the WAV file in the stream.
func (h Header) Size() int64 {
	return h.HeadSize + h.Frames*int64(h.Format.FrameBytes()) + h.TailSize
}

// Segments is the number of segments that the audio is divided into.
func (h Header) Segments() int64 {
	whole := h.Frames / int64(h.SegmentFrames)
	if h.Frames%int64(h.SegmentFrames) > 0 {
		return whole + 1
	}
	return whole
}

// segmentLength is the number of frames of segment i.
func (h Header) segmentLength(i int64) int64 {
	return min(int64(h.SegmentFrames), h.Frames-i*int64(h.SegmentFrames))
}

// marshal returns the header as it is written.
func (h Header) marshal() []byte {
	version := byte(1)
	if h.UsualHead {
		version = 2
	}
	b := make([]byte, 0, headerSize)
	b = append(b, magic...)
	b = append(b, version, byte(h.Format.ContainerBits), byte(h.Format.ValidBits), byte(h.Format.Channels))
	b = binary.LittleEndian.AppendUint32(b, h.Format.SampleRate)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.SegmentFrames))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.Frames))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.HeadSize))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.TailSize))
	b = append(b, h.Model[:]...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// parseHeader reads a header of headerSize bytes.
func parseHeader(b []byte) (Header, error) {
	damaged := func(reason string) (Header, error) {
		return Header{}, &DamageError{Part: "header", Segment: -1, Reason: reason}
	}
	if string(b[:4]) != magic {
		return damaged("it does not begin as the compressed data of a WAV file does")
	}
	const crcOffset = headerSize - 4
	if crc32.Checksum(b[:crcOffset], castagnoli) != binary.LittleEndian.Uint32(b[crcOffset:]) {
		return damaged("checksum mismatch")
	}
	if b[4] < 1 || b[4] > Version {
		return Header{}, fmt.Errorf("format version %d: %w", b[4], ErrVersion)
	}
	h := Header{
		Format: wav.Format{
			ContainerBits: int(b[5]),
			ValidBits:     int(b[6]),
			Channels:      int(b[7]),
			SampleRate:    binary.LittleEndian.Uint32(b[8:]),
		},
		SegmentFrames: int(binary.LittleEndian.Uint32(b[12:])),
		Frames:        int64(binary.LittleEndian.Uint64(b[16:])),
		HeadSize:      int64(binary.LittleEndian.Uint64(b[24:])),
		UsualHead:     b[4] >= 2,
		TailSize:      int64(binary.LittleEndian.Uint64(b[32:])),
		Model:         [32]byte(b[40:crcOffset]),
	}
	if reason := h.check(); reason != "" {
		return damaged(reason)
	}
	return h, nil
}

// check returns what is impossible about h, or "". After it, no sum or product
// of the sizes overflows.
func (h Header) check() string {
	f := h.Format
	switch {
	case f.ContainerBits != 8 && f.ContainerBits != 16 && f.ContainerBits != 24 && f.ContainerBits != 32:
		return fmt.Sprintf("%d bits a sample are impossible", f.ContainerBits)
	case f.ValidBits < 1 || f.ValidBits > f.ContainerBits:
		return fmt.Sprintf("%d valid bits of %d are impossible", f.ValidBits, f.ContainerBits)
	case f.Channels < 1:
		return "it has no channels"
	case f.SampleRate < 1:
		return "its sample rate is 0 Hz"
	case h.SegmentFrames < 1 || h.SegmentFrames > MaxSegmentSamples/f.Channels:
		return fmt.Sprintf("segments of %d frames are impossible", h.SegmentFrames)
	case h.HeadSize < 0 || h.HeadSize > maxHeadSize || h.UsualHead && h.HeadSize != usualHeadSize:
		return "the size of the head is impossible"
	case h.TailSize < 0 || h.TailSize > math.MaxInt64-h.HeadSize:
		return "the size of the tail is impossible"
	case h.Frames < 0 || h.Frames > (math.MaxInt64-h.HeadSize-h.TailSize)/int64(f.FrameBytes()):
		return "the number of frames is impossible"
	}
	return ""
}
