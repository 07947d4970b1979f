package flac

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/meta"
)

// A Comment is one Vorbis comment, for example TITLE, "Clair de lune".
type Comment struct {
	Name  string // printable ASCII without "="
	Value string // UTF-8
}

// vendor is the name of the encoder that streams with comments carry.
const vendor = "Trilobyte"

// maxMetadataBlock is the largest size of a metadata block's body in bytes
// (RFC 9639, section 8.1).
const maxMetadataBlock = 1<<24 - 1

// unknownSamples is the number of samples from which on STREAMINFO cannot state
// it and says 0, for unknown.
const unknownSamples = 1 << 36

// MetadataSize returns the number of bytes before the first frame of a stream
// with these comments; without any it is [HeaderSize].
func MetadataSize(comments []Comment) int64 {
	if len(comments) == 0 {
		return HeaderSize
	}
	return HeaderSize + 4 + commentBlockSize(comments)
}

// commentBlockSize returns the size of the body of the comment block in bytes.
func commentBlockSize(comments []Comment) int64 {
	size := int64(4 + len(vendor) + 4)
	for _, c := range comments {
		size += int64(4 + len(c.Name) + len("=") + len(c.Value))
	}
	return size
}

// An Encoder writes a FLAC stream: STREAMINFO with the MD5 of the samples, the
// comments if there are any, and frames of [BlockSize] samples.
type Encoder struct {
	w        io.Writer
	seeker   io.Seeker // of w, nil if the stream's beginning is final
	start    int64     // offset of the stream in w
	format   Format
	comments []Comment
	analyzer analyzer
	pending  [][]int32 // samples of the block that is not full yet
	out      bytes.Buffer
	md5      hash.Hash
	raw      []byte // buffer of the bytes that md5 takes
	frames   int64  // frames written
	samples  int64  // samples of each channel written
	smallest uint32 // bytes of the smallest frame
	largest  uint32 // bytes of the largest frame
	err      error  // the first error, which all later calls return
}

// NewEncoder starts a stream at the position of w, which Encoder does not close.
// Errors wrap [ErrUnsupported] when FLAC cannot hold the format, or name the
// comment that is not valid.
func NewEncoder(w io.WriteSeeker, format Format, comments []Comment) (*Encoder, error) {
	e, err := newEncoder(w, format, comments)
	if err != nil {
		return nil, err
	}
	e.seeker = w
	if e.start, err = w.Seek(0, io.SeekCurrent); err != nil {
		return nil, fmt.Errorf("finding the start of the FLAC stream: %w", err)
	}
	return e, e.writeMetadata(0, [md5.Size]byte(e.md5.Sum(nil)))
}

// NewStreamEncoder is NewEncoder for what cannot go back. STREAMINFO says how many
// samples each channel will have, and their MD5; zeros stand for what is not
// known, as they do for the sizes of frames (RFC 9639, section 8.2).
func NewStreamEncoder(w io.Writer, format Format, comments []Comment, samples int64, sum [md5.Size]byte) (*Encoder, error) {
	e, err := newEncoder(w, format, comments)
	if err != nil {
		return nil, err
	}
	return e, e.writeMetadata(samples, sum)
}

func newEncoder(w io.Writer, format Format, comments []Comment) (*Encoder, error) {
	if err := format.Check(); err != nil {
		return nil, err
	}
	if err := checkComments(comments); err != nil {
		return nil, err
	}
	return &Encoder{w: w, format: format, comments: comments, pending: make([][]int32, format.Channels), md5: md5.New()}, nil
}

// checkComments returns an error for comments that a Vorbis comment block
// cannot hold (RFC 9639, section 8.6).
func checkComments(comments []Comment) error {
	for _, c := range comments {
		if c.Name == "" {
			return fmt.Errorf("a comment with the value %q has no name", c.Value)
		}
		for _, r := range c.Name {
			if r < 0x20 || r > 0x7D || r == '=' {
				return fmt.Errorf("the comment name %q contains %q: use printable ASCII without \"=\" and \"~\"", c.Name, r)
			}
		}
	}
	if size := commentBlockSize(comments); size > maxMetadataBlock {
		return fmt.Errorf("the comments take %d bytes, more than the %d that FLAC allows: shorten or drop some", size, maxMetadataBlock)
	}
	return nil
}

// Write adds samples, indexed [channel][frame], to the stream. Every channel
// must have the same number, which may be any. Samples outside the range of the
// format's bits are an error, as is an error of the underlying writer; after
// one, the stream is of no use.
func (e *Encoder) Write(samples [][]int32) error {
	if e.err == nil {
		e.err = e.write(samples)
	}
	return e.err
}

func (e *Encoder) write(samples [][]int32) error {
	if len(samples) != e.format.Channels {
		return fmt.Errorf("the FLAC stream has %d channels, but was given samples of %d", e.format.Channels, len(samples))
	}
	length, err := commonLength(samples)
	if err != nil {
		return err
	}
	for done := 0; done < length; {
		n := min(length-done, BlockSize-len(e.pending[0]))
		for c, channel := range samples {
			e.pending[c] = append(e.pending[c], channel[done:done+n]...)
		}
		done += n
		if len(e.pending[0]) == BlockSize {
			if err := e.writeBlock(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close writes the last block and completes STREAMINFO. It must be called once,
// and leaves w at the end of the stream.
func (e *Encoder) Close() error {
	if e.err == nil {
		e.err = e.finish()
	}
	if e.err != nil {
		return e.err
	}
	e.err = errors.New("the FLAC stream is closed already")
	return nil
}

func (e *Encoder) finish() error {
	if len(e.pending[0]) > 0 {
		if err := e.writeBlock(); err != nil {
			return err
		}
	}
	if e.seeker == nil {
		return nil
	}
	end, err := e.seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("finding the end of the FLAC stream: %w", err)
	}
	if _, err := e.seeker.Seek(e.start, io.SeekStart); err != nil {
		return fmt.Errorf("going back to the start of the FLAC stream: %w", err)
	}
	if err := e.writeMetadata(e.samples, [md5.Size]byte(e.md5.Sum(nil))); err != nil {
		return err
	}
	if _, err := e.seeker.Seek(end, io.SeekStart); err != nil {
		return fmt.Errorf("going back to the end of the FLAC stream: %w", err)
	}
	return nil
}

// writeBlock writes the pending samples as one frame.
func (e *Encoder) writeBlock() error {
	length := len(e.pending[0])
	f, err := e.analyzer.analyze(e.format, e.pending, 0, length, e.frames)
	if err != nil {
		return fmt.Errorf("block from sample %d on: %w", e.samples, err)
	}
	e.out.Reset()
	if err := f.write(&e.out); err != nil {
		return fmt.Errorf("coding the FLAC frame at sample %d: %w", e.samples, err)
	}
	if _, err := e.w.Write(e.out.Bytes()); err != nil {
		return fmt.Errorf("writing the FLAC frame at sample %d: %w", e.samples, err)
	}
	e.raw = AppendRaw(e.raw[:0], e.pending, e.format.Bits)
	e.md5.Write(e.raw)
	size := uint32(e.out.Len())
	if e.frames == 0 || size < e.smallest {
		e.smallest = size
	}
	e.largest = max(e.largest, size)
	e.frames++
	e.samples += int64(length)
	for c := range e.pending {
		e.pending[c] = e.pending[c][:0]
	}
	return nil
}

// AppendRaw appends samples, indexed [channel][frame], as FLAC's MD5 takes them:
// interleaved, signed, little-endian, in whole bytes (RFC 9639, section 8.2).
func AppendRaw(raw []byte, samples [][]int32, sampleBits int) []byte {
	sampleBytes := (sampleBits + 7) / 8
	for i := range samples[0] {
		for _, channel := range samples {
			x := channel[i]
			for b := range sampleBytes {
				raw = append(raw, byte(x>>(8*b)))
			}
		}
	}
	return raw
}

// writeMetadata writes "fLaC" and the metadata blocks, of so many samples in each
// channel with that MD5.
func (e *Encoder) writeMetadata(samples int64, sum [md5.Size]byte) error {
	info := &meta.StreamInfo{
		BlockSizeMin:  BlockSize,
		BlockSizeMax:  BlockSize,
		FrameSizeMin:  e.smallest,
		FrameSizeMax:  e.largest,
		SampleRate:    e.format.SampleRate,
		NChannels:     uint8(e.format.Channels),
		BitsPerSample: uint8(e.format.Bits),
	}
	if samples < unknownSamples {
		info.NSamples = uint64(samples)
	}
	info.MD5sum = sum
	var blocks []*meta.Block
	if len(e.comments) > 0 {
		body := &meta.VorbisComment{Vendor: vendor}
		for _, c := range e.comments {
			body.Tags = append(body.Tags, [2]string{c.Name, c.Value})
		}
		header := meta.Header{Type: meta.TypeVorbisComment, Length: commentBlockSize(e.comments)}
		blocks = append(blocks, &meta.Block{Header: header, Body: body})
	}
	e.out.Reset()
	if _, err := flac.NewEncoder(&e.out, info, blocks...); err != nil {
		return fmt.Errorf("coding the FLAC header: %w", err)
	}
	if _, err := e.w.Write(e.out.Bytes()); err != nil {
		return fmt.Errorf("writing the FLAC header: %w", err)
	}
	return nil
}
