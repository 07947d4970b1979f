package recipe

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"trilobyte/codec/flac"
)

// ErrNotFLAC says that a file does not begin as FLAC files do.
var ErrNotFLAC = errors.New("not a FLAC file")

// head is what stands before the first frame.
type head struct {
	format  flac.Format
	samples int64 // of each channel as STREAMINFO states them, 0 if it does not
	block   int   // see BlockSize
	size    int64 // bytes
	md5     [md5.Size]byte
}

// ReadFormat returns what the FLAC file of size bytes in r says of its audio: the
// format, and the number of samples of each channel, 0 if it does not say so.
// Whether that is true Analyse finds out. The error is one that Analyse returns.
func ReadFormat(r io.ReaderAt, size int64) (format flac.Format, samples int64, err error) {
	h, err := readHead(r, size)
	return h.format, h.samples, err
}

const (
	marker         = "fLaC"
	streamInfoType = 0
	invalidType    = 127
	streamInfoSize = 34
)

// readHead finds the first frame of a file of the given size (RFC 9639,
// section 8). ID3 tags before the FLAC stream belong to the head.
func readHead(r io.ReaderAt, size int64) (head, error) {
	offset, err := skipID3(r, size)
	if err != nil {
		return head{}, err
	}
	var b [4 + streamInfoSize]byte
	if ok, err := readAt(r, b[:4], offset, size); !ok || string(b[:4]) != marker {
		if err == nil {
			err = ErrNotFLAC
		}
		return head{}, err
	}
	offset += int64(len(marker))
	var h head
	for first := true; ; first = false {
		blockOffset := offset
		ok, err := readAt(r, b[:4], offset, size)
		if err != nil {
			return head{}, err
		}
		blockSize := int64(binary.BigEndian.Uint32(b[:4]) & 0xFFFFFF)
		offset += 4 + blockSize
		if !ok || offset > size {
			return head{}, &Problem{blockOffset, "the file ends within its metadata"}
		}
		last, kind := b[0]>>7 == 1, b[0]&0x7F
		switch {
		case first && (kind != streamInfoType || blockSize != streamInfoSize):
			return head{}, &Problem{blockOffset, "the file does not begin with the block that describes its audio (STREAMINFO)"}
		case kind == invalidType:
			return head{}, &Problem{blockOffset, "a metadata block has a type that FLAC forbids"}
		case first:
			if _, err := readAt(r, b[4:], blockOffset+4, size); err != nil {
				return head{}, err
			}
			h.format, h.samples = streamInfo(b[4:])
			h.block = statedBlock(b[4:])
			h.md5 = [md5.Size]byte(b[len(b)-md5.Size:])
			if err := h.format.Check(); err != nil {
				return head{}, &Problem{blockOffset, err.Error()}
			}
		}
		if last {
			h.size = offset
			return h, nil
		}
	}
}

// streamInfo reads the format and the number of samples from the body of a
// STREAMINFO block (RFC 9639, section 8.2).
func streamInfo(b []byte) (flac.Format, int64) {
	v := binary.BigEndian.Uint64(b[10:])
	format := flac.Format{
		SampleRate: uint32(v >> 44),
		Channels:   int(v>>41&7) + 1,
		Bits:       int(v>>36&31) + 1,
	}
	return format, int64(v & (1<<36 - 1))
}

// BlockSize returns how many samples the frames of a FLAC file have, all but the
// last, by its first bytes. It is 0 if the frames differ, or these bytes do not tell.
func BlockSize(begin []byte) int {
	offset, ok := streamInfoIn(begin)
	if !ok {
		return 0
	}
	return statedBlock(begin[offset:])
}

// statedBlock is BlockSize for the body of a STREAMINFO block.
func statedBlock(b []byte) int {
	const least = 16
	smallest, largest := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	if smallest != largest || smallest < least {
		return 0
	}
	return int(smallest)
}

// MD5Offset returns where a FLAC file has the MD5 of its samples, which is md5.Size
// zeros if it is unknown (RFC 9639, section 8.2). ok is false if its first bytes do
// not tell.
func MD5Offset(begin []byte) (offset int64, ok bool) {
	offset, ok = streamInfoIn(begin)
	return offset + streamInfoSize - md5.Size, ok
}

// streamInfoIn finds the body of the STREAMINFO block in the first bytes of a file.
func streamInfoIn(begin []byte) (offset int64, ok bool) {
	size := int64(len(begin))
	r := bytes.NewReader(begin)
	offset, err := skipID3(r, size)
	if err != nil {
		return 0, false
	}
	var b [len(marker) + 4 + streamInfoSize]byte
	there, err := readAt(r, b[:], offset, size)
	if !there || err != nil || string(b[:len(marker)]) != marker || b[len(marker)]&0x7F != streamInfoType {
		return 0, false
	}
	return offset + int64(len(marker)) + 4, true
}

// skipID3 returns the offset behind the ID3v2 tags that a file begins with.
// (ID3 tag version 2.4.0, main structure, section 3.1.)
func skipID3(r io.ReaderAt, size int64) (int64, error) {
	const headerSize, footerFlag = 10, 0x10
	offset := int64(0)
	for {
		var b [headerSize]byte
		ok, err := readAt(r, b[:], offset, size)
		if err != nil {
			return 0, err
		}
		if !ok || string(b[:3]) != "ID3" {
			return offset, nil
		}
		offset += headerSize + int64(b[6]&0x7F)<<21 + int64(b[7]&0x7F)<<14 + int64(b[8]&0x7F)<<7 + int64(b[9]&0x7F)
		if b[5]&footerFlag != 0 {
			offset += headerSize
		}
	}
}

// readAt fills b from r. It reports whether there are as many bytes.
func readAt(r io.ReaderAt, b []byte, offset, size int64) (bool, error) {
	if offset+int64(len(b)) > size {
		return false, nil
	}
	if _, err := r.ReadAt(b, offset); err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("reading the FLAC file at byte %d: %w", offset, err)
	} else if err != nil {
		return false, fmt.Errorf("reading the FLAC file at byte %d: it became shorter: %w", offset, io.ErrUnexpectedEOF)
	}
	return true, nil
}
