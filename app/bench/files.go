package bench

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"trilobyte/app/job"
	"trilobyte/codec/recording"
)

// File is a recording to measure coders with: one span of audio. What is in a
// FLAC file is known only while Run measures it, and is then that of a WAV file
// with its samples.
type File struct {
	Path   string
	Class  string // the folder that it is in, see Find
	Name   string // without folders
	Size   int64  // bytes
	FLAC   bool   // it is a FLAC file
	Format recording.Format
	Audio  recording.Span
	Spans  []recording.Span // all of the file

	wav   string            // path of the file that Audio lies in
	whole [sha256.Size]byte // SHA-256 of the file
	audio [sha256.Size]byte // SHA-256 of its audio, as Format.PCM has it
}

// Seconds is how long the audio lasts.
func (f *File) Seconds() float64 { return float64(f.Frames()) / float64(f.Format.SampleRate) }

// Frames is how many frames of audio it has.
func (f *File) Frames() int64 { return f.Audio.Frames() }

// Find returns the recordings among paths and in the folders among them. The
// class of a file is the path of its folder within the given one, or the last
// element of that folder's path where it has no folders between. failed gets
// what cannot be read, and what is called as recordings are but does not have one
// span of audio.
func Find(paths []string, failed func(path string, err error)) []*File {
	var files []*File
	for _, given := range paths {
		err := filepath.WalkDir(given, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && (entry.IsDir() || path != given && !job.IsRecording(path)) {
				return nil
			}
			var f *File
			if err == nil {
				f, err = open(path, given)
			}
			if err != nil {
				failed(path, err)
				return nil
			}
			files = append(files, f)
			return nil
		})
		if err != nil {
			failed(given, err)
		}
	}
	return files
}

// open reads the layout and the checksums of a file found in or at given.
func open(path, given string) (*File, error) {
	class, err := classOf(path, given)
	if err != nil {
		return nil, err
	}
	f := &File{Path: path, Class: class, Name: filepath.Base(path), wav: path}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	layout, err := recording.Find(file, info.Size())
	if err != nil {
		return nil, err
	}
	f.Size, f.Spans = info.Size(), layout.Spans
	if f.whole, err = sum(file, 0, f.Size); err != nil {
		return nil, err
	}
	if f.FLAC = layout.Container == recording.FLAC; f.FLAC {
		return f, nil
	}
	for _, s := range layout.Spans {
		switch {
		case s.Audio() && f.Audio.Audio():
			return nil, errors.New("it has several pieces of audio")
		case s.Audio():
			f.Audio, f.Format = s, s.Format
		}
	}
	if !f.Audio.Audio() {
		return nil, errors.New(layout.Reasons[0].String())
	}
	f.audio, err = sumAudio(file, f.Audio)
	return f, err
}

func classOf(path, given string) (string, error) {
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	top, err := filepath.Abs(given)
	if err != nil {
		return "", err
	}
	if within, err := filepath.Rel(top, folder); err == nil && within != "." && filepath.IsLocal(within) {
		return filepath.ToSlash(within), nil
	}
	return filepath.Base(folder), nil
}

// sum returns the SHA-256 of a part of a file.
func sum(r io.ReaderAt, offset, size int64) ([sha256.Size]byte, error) {
	h := sha256.New()
	_, err := io.Copy(h, io.NewSectionReader(r, offset, size))
	return [sha256.Size]byte(h.Sum(nil)), err
}

// sumAudio returns the SHA-256 of a span of audio, as Format.PCM has it.
func sumAudio(r io.ReaderAt, s recording.Span) ([sha256.Size]byte, error) {
	const framesAtOnce = 1 << 12
	h := sha256.New()
	for offset := s.Offset; offset < s.End(); {
		raw := make([]byte, min(framesAtOnce*int64(s.Format.FrameBytes()), s.End()-offset))
		if _, err := r.ReadAt(raw, offset); err != nil {
			return [sha256.Size]byte{}, err
		}
		h.Write(s.Format.ToPCM(raw))
		offset += int64(len(raw))
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
