package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	mewkiz "github.com/mewkiz/flac"

	"trilobyte/codec"
	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// FLAC is codec/flac, which is FLAC at level 8. Its files have no comments, no
// seek table and no padding. Decoding is that of github.com/mewkiz/flac, which
// does not know all widths.
type FLAC struct{}

// Name implements Coder.
func (FLAC) Name() string { return "FLAC -8" }

// MadeBy implements Coder.
func (FLAC) MadeBy() string {
	return "codec/flac of this program, decoded by github.com/mewkiz/flac; frames and 42 bytes of header"
}

// Measure implements Coder.
func (FLAC) Measure(ctx context.Context, f *File, dir string) (Measurement, error) {
	out := filepath.Join(dir, "out.flac")
	m, err := encodeTo(f.wav, out, func(in io.ReaderAt, to *os.File) error { return encodeFLAC(ctx, f, in, to) })
	if errors.Is(err, flac.ErrUnsupported) {
		return m, fmt.Errorf("%w: %w", ErrCannot, err)
	}
	if err != nil || !decodable[f.Format.PCM().ContainerBits()] {
		return m, err
	}
	var watch stopwatch
	memory := watchHeap()
	err = decodeFLAC(ctx, f, out, &watch)
	m.Memory = max(m.Memory, memory())
	m.Decode = watch.seconds()
	return m, err
}

// decodable has the bits a sample that github.com/mewkiz/flac can decode.
var decodable = map[int]bool{8: true, 16: true, 24: true}

// encodeTo measures how a part of this program encodes a file into another one.
func encodeTo(from, path string, encode func(in io.ReaderAt, to *os.File) error) (m Measurement, err error) {
	in, err := os.Open(from)
	if err != nil {
		return m, err
	}
	defer in.Close()
	out, err := os.Create(path)
	if err != nil {
		return m, err
	}
	memory := watchHeap()
	start := time.Now()
	err = errors.Join(encode(in, out), out.Close())
	m.Encode = time.Since(start).Seconds()
	m.Memory = memory()
	if err != nil {
		return m, err
	}
	m.Bytes, err = fileSize(path)
	return m, err
}

func fileSize(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// encodeFLAC encodes in pieces as long as Trilobyte's segments.
func encodeFLAC(ctx context.Context, f *File, in io.ReaderAt, to io.WriteSeeker) error {
	format := f.Format
	if format.Kind == recording.Float {
		return fmt.Errorf("%w: it takes integers", flac.ErrUnsupported)
	}
	e, err := flac.NewEncoder(to, flac.Format{Channels: format.Channels, Bits: format.PCM().ContainerBits(), SampleRate: format.SampleRate}, nil)
	if err != nil {
		return err
	}
	piece := int64(stream.SegmentFrames(format, f.Frames()) * format.FrameBytes())
	for start := int64(0); start < f.Audio.Size; start += piece {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw := make([]byte, min(piece, f.Audio.Size-start))
		if _, err := in.ReadAt(raw, f.Audio.Offset+start); err != nil {
			return err
		}
		if err := e.Write(format.PCM().Samples(format.ToPCM(raw))); err != nil {
			return err
		}
	}
	return e.Close()
}

// decodeFLAC decodes a FLAC file and compares the samples with those of f. The
// watch runs while it decodes.
func decodeFLAC(ctx context.Context, f *File, path string, watch *stopwatch) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	watch.start()
	s, err := mewkiz.New(bufio.NewReader(in))
	watch.stop()
	if err != nil {
		return err
	}
	audio := sha256.New()
	samples := make([][]int32, f.Format.Channels)
	for decoded := int64(0); decoded < f.Frames(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		watch.start()
		frame, err := s.ParseNext()
		watch.stop()
		if err != nil {
			return err
		}
		for c := range samples {
			samples[c] = frame.Subframes[c].Samples
		}
		audio.Write(f.Format.PCM().Bytes(samples))
		decoded += int64(frame.BlockSize)
	}
	return compare(audio, f.audio)
}

// compare returns an error if a checksum is not the wanted one.
func compare(h hash.Hash, want [sha256.Size]byte) error {
	if !bytes.Equal(h.Sum(nil), want[:]) {
		return errDiffers
	}
	return nil
}

// Trilobyte is the codec of archives.
type Trilobyte struct {
	Label string // its name in tables
	Coder stream.SegmentCoder
}

// Name implements Coder.
func (t Trilobyte) Name() string { return t.Label }

// MadeBy implements Coder.
func (t Trilobyte) MadeBy() string {
	id := t.Coder.ID()
	return fmt.Sprintf("this program, with the model %x and the processor's %s instructions; all of an archive's entry, which keeps every byte of the file", id[:4], codec.Path())
}

// Measure implements Coder.
func (t Trilobyte) Measure(ctx context.Context, f *File, dir string) (Measurement, error) {
	out := filepath.Join(dir, "out")
	var comparing, watch stopwatch
	m, err := encodeTo(f.Path, out, func(in io.ReaderAt, to *os.File) error { return t.encode(ctx, f, in, to, &comparing) })
	if err != nil {
		return m, err
	}
	m.Encode -= comparing.seconds()
	memory := watchHeap()
	err = t.decode(ctx, f, out, &watch)
	m.Memory = max(m.Memory, memory())
	m.Decode = watch.seconds()
	return m, err
}

// encode encodes a file. The watch runs while it is compared with FLAC, which is no
// part of the work of another coder either.
func (t Trilobyte) encode(ctx context.Context, f *File, in io.ReaderAt, to io.Writer, comparing *stopwatch) error {
	e, err := t.encoder(ctx, f, in)
	if err != nil {
		return err
	}
	if _, err := to.Write(e.Begin()); err != nil {
		return err
	}
	for i := range e.Parts() {
		part, err := e.Part(ctx, i, nil)
		if err != nil {
			return err
		}
		comparing.start()
		part, err = e.BesideFLAC(part)
		comparing.stop()
		if err != nil {
			return err
		}
		if _, err := to.Write(part.Encoded); err != nil {
			return err
		}
	}
	return nil
}

func (t Trilobyte) encoder(ctx context.Context, f *File, in io.ReaderAt) (*stream.Encoder, error) {
	if f.FLAC {
		return stream.NewFLACEncoder(ctx, in, f.Size, t.Coder, 1, nil)
	}
	return stream.NewEncoder(ctx, in, f.Spans, t.Coder)
}

// decode decodes a file and compares it with f. The watch runs while it decodes.
func (t Trilobyte) decode(ctx context.Context, f *File, path string, watch *stopwatch) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	size, err := fileSize(path)
	if err != nil {
		return err
	}
	watch.start()
	d, err := stream.NewDecoder(in, size, func(stream.ModelName) (stream.SegmentCoder, error) { return t.Coder, nil })
	watch.stop()
	if err != nil {
		return err
	}
	whole := sha256.New()
	for i := range d.Parts() {
		watch.start()
		part, err := d.Part(ctx, i, nil)
		watch.stop()
		if err != nil {
			return err
		}
		whole.Write(part.Raw)
	}
	return compare(whole, f.whole)
}
