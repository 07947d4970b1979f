package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/wavfile"
	"trilobyte/codec/stream"
)

// unpack writes the samples of a FLAC file to a WAV file in dir, for coders that
// do not read FLAC files, and enters what they are into f.
func (f *File) unpack(ctx context.Context, dir string) error {
	in, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	e, err := stream.NewFLACEncoder(ctx, in, f.Size, noCoder{}, 1, nil)
	if err != nil {
		return err
	}
	says, err := recording.Tags(in, f.Size, nil)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "samples.wav")
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(writeWAV(ctx, out, e, says.Speakers), out.Close()); err != nil {
		return err
	}
	made, err := open(path, dir)
	if err != nil {
		return err
	}
	f.Format, f.Audio, f.wav, f.audio = made.Format, made.Audio, path, made.audio
	return nil
}

// writeWAV writes the audio of a stream as a WAV file.
func writeWAV(ctx context.Context, out *os.File, e *stream.Encoder, speakers uint32) error {
	w, err := wavfile.NewEncoder(out, e.Header().Format(), speakers, nil)
	if err != nil {
		return err
	}
	for i := range e.Parts() {
		part, err := e.Part(ctx, i, nil)
		if err != nil {
			return err
		}
		if err := w.Write(part.PCM()); err != nil {
			return err
		}
	}
	return w.Close()
}

// noCoder makes nothing of samples.
type noCoder struct{ stream.SegmentCoder }

// ID implements stream.SegmentCoder.
func (noCoder) ID() [32]byte { return [32]byte{} }

// Encode implements stream.SegmentCoder.
func (noCoder) Encode(context.Context, [][]int32, int, func(int)) ([]byte, error) { return nil, nil }
