// Package wavfile writes WAV files that any program can read.
package wavfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-audio/audio"
	"github.com/go-audio/wav"

	"trilobyte/codec/recording"
)

// ErrTooLong is wrapped by the errors that mean: there is more audio than a WAV
// file can say that it has.
var ErrTooLong = errors.New("a WAV file holds at most 4 GiB")

const (
	maxAudio = math.MaxUint32 - 1<<24 // bytes; the rest is for what else is in the file
	maxInfo  = 1 << 23                // bytes of texts

	bytesAtOnce = 1 << 16 // are written, because go-audio/wav needs several times that
)

// Values of wFormatTag, and sizes of the fmt chunk, in bytes.
const (
	tagPCM        = 0x0001
	tagFloat      = 0x0003
	tagExtensible = 0xFFFE

	formatSize     = 16
	extensibleSize = 40
)

// subtypeTail is what follows wFormatTag in the GUID of a WAVE_FORMAT_EXTENSIBLE.
const subtypeTail = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71"

// Check returns an error if an Encoder cannot write so many frames of audio whose
// PCM this format has: one that wraps ErrTooLong, or one that says what is
// impossible.
func Check(f recording.Format, frames int64) error {
	if err := f.Check(); err != nil {
		return fmt.Errorf("a WAV file cannot have it: %w", err)
	}
	frameBytes := int64(f.PCM().FrameBytes())
	if most := maxAudio / frameBytes; frames > most {
		return fmt.Errorf("%w, and this audio takes %.1f GiB", ErrTooLong, float64(frames)*float64(frameBytes)/(1<<30))
	}
	return nil
}

// An Encoder writes a WAV file that any program can read: a fmt chunk, a data
// chunk and, if there are texts, a LIST/INFO chunk, each padded to an even
// length. The header is WAVE_FORMAT_EXTENSIBLE for more than two channels and
// where not all bits of the container are valid, otherwise WAVE_FORMAT_PCM or
// WAVE_FORMAT_IEEE_FLOAT, as Microsoft's "Multiple Channel Audio Data and WAVE
// Files" (2001) wants it.
//
// Chunks and samples are written by github.com/go-audio/wav, which puts in the
// sizes at the end. What that does not do, or not right (version 1.1.0), is made
// here: a fmt chunk that is not WAVE_FORMAT_PCM, texts with their padding, the
// padding of the audio, and the limit of 4 GiB.
type Encoder struct {
	file    *seekable
	encoder *wav.Encoder
	format  recording.Format // of PCM
	info    []byte           // the LIST chunk, or empty
	frames  int64
	words   recording.Format // of the integers that go-audio/wav is given
	buffer  audio.IntBuffer
}

// NewEncoder starts a file at the beginning of w, which Encoder does not close,
// of audio whose PCM is that of f. The speakers are a bit for each that has a
// channel, as recording.Metadata has them, and are left out with the header that
// has no place for them. Of the tags only those with the name of a LIST/INFO chunk
// are written.
func NewEncoder(w io.WriterAt, f recording.Format, speakers uint32, tags []recording.Tag) (*Encoder, error) {
	if err := Check(f, 0); err != nil {
		return nil, err
	}
	e := &Encoder{file: &seekable{w: w}, format: f.PCM(), info: infoChunk(tags)}
	if len(e.info) > maxInfo {
		return nil, fmt.Errorf("its texts take %d bytes, more than the %d that a WAV file gets", len(e.info), maxInfo)
	}
	e.words = recording.Format{Width: min(e.format.Width, 4), Channels: 1}
	// It writes no header of its own behind one that is there, and so takes the
	// sample rate for nothing but to reserve the memory of a minute of audio,
	// for which it divides by the rate as if that were below 1 GHz.
	const anyRate = 1
	channels := e.format.FrameBytes() / e.words.Width // floats of 8 bytes are two integers
	e.encoder = wav.NewEncoder(e.file, anyRate, e.words.ContainerBits(), channels, tagPCM)
	e.buffer.Format = &audio.Format{NumChannels: channels, SampleRate: anyRate}
	if err := e.add(header(e.format, speakers)); err != nil {
		return nil, err
	}
	return e, e.write() // begins the data chunk
}

// add writes bytes that are not audio.
func (e *Encoder) add(b []byte) error { return e.failed(e.encoder.AddLE(b)) }

// write writes what is in the buffer.
func (e *Encoder) write() error { return e.failed(e.encoder.Write(&e.buffer)) }

// failed returns the error of the file, which go-audio/wav does not always wrap.
func (e *Encoder) failed(err error) error {
	if err != nil && e.file.err != nil {
		return e.file.err
	}
	return err
}

// Write adds whole frames of audio, as Format.PCM has them. The error wraps
// ErrTooLong or is that of the writer; after it, the file is of no use.
func (e *Encoder) Write(raw []byte) error {
	e.frames += int64(len(raw) / e.format.FrameBytes())
	if err := Check(e.format, e.frames); err != nil {
		return err
	}
	atOnce := bytesAtOnce / e.format.FrameBytes() * e.format.FrameBytes()
	middle := 0
	if e.words.Width == 1 {
		middle = 128 // these are unsigned in WAV files
	}
	for len(raw) > 0 {
		n := min(len(raw), atOnce)
		e.buffer.Data = e.buffer.Data[:0]
		for _, v := range e.words.Samples(raw[:n])[0] {
			e.buffer.Data = append(e.buffer.Data, int(v)+middle)
		}
		if err := e.write(); err != nil {
			return err
		}
		raw = raw[n:]
	}
	return nil
}

// Close completes the file.
func (e *Encoder) Close() error {
	if e.frames*int64(e.format.FrameBytes())%2 == 1 {
		if err := e.add([]byte{0}); err != nil {
			return err
		}
	}
	if err := e.add(e.info); err != nil {
		return err
	}
	return e.failed(e.encoder.Close())
}

// header returns what stands before the data chunk, with a size of 0.
func header(f recording.Format, speakers uint32) []byte {
	coding := uint16(tagPCM)
	if f.Kind == recording.Float {
		coding = tagFloat
	}
	extensible := f.Channels > 2 || f.ValidBits != f.ContainerBits()
	tag, size := coding, uint32(formatSize)
	if extensible {
		tag, size = tagExtensible, extensibleSize
	}
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt ")
	b = binary.LittleEndian.AppendUint32(b, size)
	b = binary.LittleEndian.AppendUint16(b, tag)
	b = binary.LittleEndian.AppendUint16(b, uint16(f.Channels))
	b = binary.LittleEndian.AppendUint32(b, f.SampleRate)
	b = binary.LittleEndian.AppendUint32(b, f.SampleRate*uint32(f.FrameBytes()))
	b = binary.LittleEndian.AppendUint16(b, uint16(f.FrameBytes()))
	b = binary.LittleEndian.AppendUint16(b, uint16(f.ContainerBits()))
	if !extensible {
		return b
	}
	b = binary.LittleEndian.AppendUint16(b, extensibleSize-formatSize-2) // bytes to come
	b = binary.LittleEndian.AppendUint16(b, uint16(f.ValidBits))
	b = binary.LittleEndian.AppendUint32(b, speakers)
	b = binary.LittleEndian.AppendUint16(b, coding)
	return append(b, subtypeTail...)
}

// infoChunk returns the tags that have the name of a chunk as a LIST chunk of
// type INFO, whose texts end with a zero byte, or nothing.
func infoChunk(tags []recording.Tag) []byte {
	body := []byte("INFO")
	for _, tag := range tags {
		if isChunkName(tag.Name) {
			body = appendChunk(body, tag.Name, append([]byte(tag.Text), 0))
		}
	}
	if len(body) == len("INFO") {
		return nil
	}
	return appendChunk(nil, "LIST", body)
}

// isChunkName says whether a name is four printable characters of ASCII.
func isChunkName(name string) bool {
	return len(name) == 4 && bytes.IndexFunc([]byte(name), func(r rune) bool { return r < 0x20 || r > 0x7E }) < 0
}

// appendChunk appends a chunk, padded to an even length.
func appendChunk(b []byte, id string, body []byte) []byte {
	b = binary.LittleEndian.AppendUint32(append(b, id...), uint32(len(body)))
	b = append(b, body...)
	return append(b, make([]byte, len(body)%2)...)
}

// seekable is a file that is written to from its beginning, with going back.
type seekable struct {
	w        io.WriterAt
	pos, end int64
	err      error // of the file
}

// Write implements io.Writer.
func (s *seekable) Write(p []byte) (int, error) {
	n, err := s.w.WriteAt(p, s.pos)
	s.pos += int64(n)
	s.end = max(s.end, s.pos)
	s.err = err
	return n, err
}

// Seek implements io.Seeker.
func (s *seekable) Seek(offset int64, whence int) (int64, error) {
	s.pos = offset + map[int]int64{io.SeekCurrent: s.pos, io.SeekEnd: s.end}[whence]
	return s.pos, nil
}
