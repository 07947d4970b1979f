package bench

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"trilobyte/app/job"
	"trilobyte/codec/wav"
)

// File is a WAV file to measure coders with.
type File struct {
	Path  string
	Class string // the folder that it is in, see Find
	Name  string // without folders
	wav.File

	whole [sha256.Size]byte // SHA-256 of the file
	audio [sha256.Size]byte // SHA-256 of the bytes of its audio
}

// Seconds is how long the audio lasts.
func (f *File) Seconds() float64 { return float64(f.Frames()) / float64(f.Format.SampleRate) }

// Find returns the WAV files among paths and in the folders among them. The
// class of a file is the path of its folder within the given one, or the last
// element of that folder's path where it has no folders between. failed gets
// what cannot be read and what is called as recordings are and has no integer PCM.
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
	f := &File{Path: path, Class: class, Name: filepath.Base(path)}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	layout, err := wav.Parse(file, info.Size())
	if err != nil {
		return nil, err
	}
	if f.File = *layout; f.Frames() == 0 {
		return nil, errors.New("there is no audio in it")
	}
	if f.whole, err = sum(file, 0, f.Size); err != nil {
		return nil, err
	}
	f.audio, err = sum(file, f.DataOffset, f.DataSize)
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
