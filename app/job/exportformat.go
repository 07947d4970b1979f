package job

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"trilobyte/app/disk"
	"trilobyte/codec/flac"
	"trilobyte/codec/wav"
)

// An ExportFormat is a kind of files that Export makes: FLAC or WAV.
type ExportFormat string

// The formats.
const (
	FLAC ExportFormat = "flac"
	WAV  ExportFormat = "wav"
)

// Name returns what people call the format, for example "FLAC".
func (f ExportFormat) Name() string {
	if f == "" {
		f = FLAC
	}
	return strings.ToUpper(string(f))
}

// FileName returns the name of the file that Export makes of a recording: the
// format's extension takes the place of one that says another kind of audio, and
// is added to other names.
func (f ExportFormat) FileName(name string) string {
	own := "." + strings.ToLower(f.Name())
	extension := path.Ext(name)
	switch {
	case strings.EqualFold(extension, own):
		return name
	case slices.Contains(recordings, strings.ToLower(extension)):
		return strings.TrimSuffix(name, extension) + own
	}
	return name + own
}

// recordings are the extensions of the files that archives have as audio.
var recordings = []string{".wav"}

// exportKind is how files of a format are made.
type exportKind struct {
	// check returns an error if the format cannot hold such samples.
	check func(f wav.Format, frames int64) error
	// encoder starts a file.
	encoder func(file disk.File, s sound) (sampleEncoder, error)
}

// sampleEncoder makes one file of samples.
type sampleEncoder interface {
	// Write adds samples[channel][frame], at the full width of the container.
	Write(samples [][]int32) error
	// Close completes the file, but does not close it.
	Close() error
}

// sound is what is known of a recording before its samples come, whatever kind
// of file it was in.
type sound struct {
	format   wav.Format
	frames   int64
	speakers uint32 // a bit for each that has a channel, as in WAVE files; 0 if unknown
	tags     []wav.Tag
}

// kind returns how files of the format are made.
func (f ExportFormat) kind() (exportKind, error) {
	switch f {
	case FLAC, "":
		return exportKind{checkFLAC, encodeFLAC}, nil
	case WAV:
		return exportKind{checkWAV, encodeWAV}, nil
	}
	return exportKind{}, fmt.Errorf("there is no export to %s files: choose %s or %s", f.Name(), FLAC.Name(), WAV.Name())
}

func checkFLAC(f wav.Format, _ int64) error { return flacFormat(f).Check() }

func flacFormat(f wav.Format) flac.Format {
	return flac.Format{Channels: f.Channels, Bits: f.ContainerBits, SampleRate: f.SampleRate}
}

func encodeFLAC(file disk.File, s sound) (sampleEncoder, error) {
	return flac.NewEncoder(io.NewOffsetWriter(file, 0), flacFormat(s.format), comments(s))
}

func checkWAV(f wav.Format, frames int64) error {
	err := f.Check(frames)
	if errors.Is(err, wav.ErrTooLong) {
		return fmt.Errorf("%w: restore it instead, or export it as FLAC", err)
	}
	return err
}

func encodeWAV(file disk.File, s sound) (sampleEncoder, error) {
	return wav.NewEncoder(file, s.format, s.speakers, s.tags)
}
