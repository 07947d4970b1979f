package job

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/wavfile"
)

// An ExportFormat is a kind of files that Export makes: FLAC or WAV.
type ExportFormat string

// The formats.
const (
	// FLACOrWAV is FLAC where that can hold the audio, and WAV elsewhere.
	FLACOrWAV ExportFormat = ""
	FLAC      ExportFormat = "flac"
	WAV       ExportFormat = "wav"
)

// Name returns what people call the format, for example "FLAC".
func (f ExportFormat) Name() string {
	if f == FLACOrWAV {
		return "FLAC or WAV"
	}
	return strings.ToUpper(string(f))
}

// For returns the format that a recording gets: FLAC or WAV.
func (f ExportFormat) For(file archive.File) ExportFormat {
	if f != FLACOrWAV {
		return f
	}
	if format, ok := formatOf(file); ok && checkFLAC(format, file.Frames) != nil {
		return WAV
	}
	return FLAC
}

// formatOf returns the format of the samples of a recording, as far as the
// manifest tells it. ok is false if that is lost.
func formatOf(file archive.File) (f recording.Format, ok bool) {
	f = recording.Format{Channels: file.Channels, SampleRate: file.SampleRate, Width: (file.Bits + 7) / 8, ValidBits: file.Bits}
	for _, k := range []recording.Kind{recording.Float, recording.MuLaw, recording.ALaw} {
		if file.Samples == k.String() {
			f.Kind = k
		}
	}
	return f, f.Check() == nil
}

// FileName returns the name of the file that Export makes of a recording: the
// format's extension takes the place of one that says another kind of audio, and
// is added to other names.
func (f ExportFormat) FileName(file archive.File) string {
	own := "." + strings.ToLower(f.For(file).Name())
	if strings.EqualFold(path.Ext(file.Name), own) {
		return file.Name
	}
	return withoutExtension(file.Name) + own
}

// exportKind is how files of a format are made.
type exportKind struct {
	// check returns an error if the format cannot hold such samples.
	check func(f recording.Format, frames int64) error
	// encoder starts a file.
	encoder func(file disk.File, s sound) (sampleEncoder, error)
	// stream starts a file that is written from its beginning to its end. sum is the
	// MD5 of the samples, zeros if that is not known.
	stream func(w io.Writer, s sound, sum [16]byte) (sampleEncoder, error)
}

// sampleEncoder makes one file of samples.
type sampleEncoder interface {
	// Write adds whole frames, as Format.PCM has them.
	Write(raw []byte) error
	// Close completes the file, but does not close it.
	Close() error
}

// sound is what is known of a recording before its samples come, whatever kind
// of file it was in.
type sound struct {
	format   recording.Format
	frames   int64
	speakers uint32 // a bit for each that has a channel, as in WAVE files; 0 if unknown
	tags     []recording.Tag
}

// exportKinds are how files are made.
var exportKinds = map[ExportFormat]exportKind{
	FLAC: {checkFLAC, encodeFLAC, streamFLAC}, WAV: {checkWAV, encodeWAV, streamWAV},
}

// errFloat says that FLAC has integers only.
var errFloat = fmt.Errorf("%w: it takes integers, not floating-point samples; export it as WAV", flac.ErrUnsupported)

func checkFLAC(f recording.Format, _ int64) error {
	if f.Kind == recording.Float {
		return errFloat
	}
	return flacFormat(f).Check()
}

func flacFormat(f recording.Format) flac.Format {
	return flac.Format{Channels: f.Channels, Bits: f.PCM().ContainerBits(), SampleRate: f.SampleRate}
}

func encodeFLAC(file disk.File, s sound) (sampleEncoder, error) {
	e, err := flac.NewEncoder(io.NewOffsetWriter(file, 0), flacFormat(s.format), comments(s))
	return flacFile{e, s.format.PCM()}, err
}

func streamFLAC(w io.Writer, s sound, sum [16]byte) (sampleEncoder, error) {
	e, err := flac.NewStreamEncoder(w, flacFormat(s.format), comments(s), s.frames, sum)
	return flacFile{e, s.format.PCM()}, err
}

// flacFile is a FLAC file that takes raw samples.
type flacFile struct {
	encoder *flac.Encoder
	format  recording.Format
}

func (f flacFile) Write(raw []byte) error { return f.encoder.Write(f.format.Samples(raw)) }

func (f flacFile) Close() error { return f.encoder.Close() }

func checkWAV(f recording.Format, frames int64) error {
	err := wavfile.Check(f, frames)
	if errors.Is(err, wavfile.ErrTooLong) {
		return fmt.Errorf("%w: restore it instead, or export it as FLAC", err)
	}
	return err
}

func encodeWAV(file disk.File, s sound) (sampleEncoder, error) {
	return wavfile.NewEncoder(file, s.format, s.speakers, infoTexts(s.tags))
}

func streamWAV(w io.Writer, s sound, _ [16]byte) (sampleEncoder, error) {
	return wavfile.NewStream(w, s.format, s.frames, s.speakers, infoTexts(s.tags))
}
